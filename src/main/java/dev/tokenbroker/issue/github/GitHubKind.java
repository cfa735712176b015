package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.issue.sts.UpstreamKind;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.issue.sts.UpstreamTokenSettings;
import dev.tokenbroker.peers.http.PeerClient;
import jakarta.inject.Singleton;

/** GitHub, or a GitHub Enterprise Server: targets with {@code github}. */
@Singleton
public final class GitHubKind implements UpstreamKind {

  private final PeerClient client;
  private final UpstreamTokenSettings settings;
  private final Clocks clock;
  private final ChangeListener changes;

  GitHubKind(
      PeerClient client, UpstreamTokenSettings settings, Clocks clock, ChangeListener changes) {
    this.client = client;
    this.settings = settings;
    this.clock = clock;
    this.changes = changes;
  }

  @Override
  public UpstreamGrant grant() {
    return UpstreamGrant.GITHUB;
  }

  @Override
  public UpstreamProtocol protocol(UpstreamDefinition definition) {
    return new GitHubProtocol(definition, client, settings.maxTokenLifetime(), clock, changes);
  }
}
