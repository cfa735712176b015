package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.peers.http.PeerClient;
import java.time.Duration;

/** Makes what targets of GitHub need, without the application server. */
public final class TestGitHub {

  private TestGitHub() {}

  /** The kind of upstream, which believes lives of up to a day. */
  public static GitHubKind kind(PeerClient client, Clocks clock) {
    return new GitHubKind(client, () -> Duration.ofHours(24), clock, ChangeListener.NONE);
  }

  /** Keys of a broker. */
  public static SigningKeys keys(Clocks clock) {
    return new SigningKeys(
        TestTokenSettings.defaults(), SignatureProvider.jdk(), clock, ChangeListener.NONE);
  }
}
