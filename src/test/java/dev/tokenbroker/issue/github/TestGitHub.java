package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.issue.sts.ClientAuthentication.GitHubApp;
import dev.tokenbroker.peers.http.PeerClient;
import java.nio.file.Path;
import java.time.Duration;

/** Makes what targets of GitHub need, without the application server. */
public final class TestGitHub {

  private TestGitHub() {}

  /** The kind of upstream, which believes lives of up to a day. */
  public static GitHubKind kind(PeerClient client, Clocks clock) {
    return kind(client, clock, ChangeListener.NONE);
  }

  /** As above, with that listener. */
  public static GitHubKind kind(PeerClient client, Clocks clock, ChangeListener changes) {
    return new GitHubKind(client, () -> Duration.ofHours(24), clock, changes);
  }

  /** A JWT of that App at that time. */
  public static String jwt(String app, Path key, Clocks clock) {
    return new App(new GitHubApp(app, key), "github", clock, ChangeListener.NONE).jwt();
  }

  /** Keys of a broker. */
  public static SigningKeys keys(Clocks clock) {
    return new SigningKeys(
        TestTokenSettings.defaults(), SignatureProvider.jdk(), clock, ChangeListener.NONE);
  }
}
