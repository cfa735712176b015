package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.issue.sts.UpstreamKind;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.peers.http.PeerClient;
import jakarta.inject.Singleton;

/** The STS of AWS as a kind of upstream. */
@Singleton
public final class AwsKind implements UpstreamKind {

  private final PeerClient client;
  private final Clocks clock;
  private final ChangeListener changes;

  public AwsKind(PeerClient client, Clocks clock, ChangeListener changes) {
    this.client = client;
    this.clock = clock;
    this.changes = changes;
  }

  /** The code of an error of AWS; empty for any other body. */
  public static String error(byte[] body) {
    return StsXml.parse(body).map(xml -> xml.text("ErrorResponse/Error/Code")).orElse("");
  }

  @Override
  public UpstreamGrant grant() {
    return UpstreamGrant.AWS;
  }

  @Override
  public UpstreamProtocol protocol(UpstreamDefinition definition) {
    return new AwsProtocol(definition, client, clock, changes);
  }
}
