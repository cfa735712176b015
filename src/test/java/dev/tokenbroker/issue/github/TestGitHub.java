package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.github.GitHubKind.DeclaredApp;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import java.nio.file.Path;

/** Makes what targets of GitHub need, without the application server. */
public final class TestGitHub {

  private TestGitHub() {}

  /** A JWT of that App at that time. */
  public static String jwt(String app, Path key, Clocks clock) {
    return new App(new DeclaredApp(app, key), "github", clock, ChangeListener.NONE).jwt();
  }

  /** Keys of a broker. */
  public static SigningKeys keys(Clocks clock) {
    return new SigningKeys(
        TestTokenSettings.defaults(), SignatureProvider.jdk(), clock, ChangeListener.NONE);
  }
}
