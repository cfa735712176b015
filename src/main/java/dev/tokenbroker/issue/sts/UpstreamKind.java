package dev.tokenbroker.issue.sts;

/** A kind of upstream that is no security token service of OAuth 2.0. */
public interface UpstreamKind {

  /** What the definitions of this kind have as their grant; no other kind has the same. */
  UpstreamGrant grant();

  /**
   * The protocol of one upstream; reads the files with its secrets, and calls nothing.
   *
   * @param definition with that grant, and with {@code tokenEndpoint} as its address
   */
  UpstreamProtocol protocol(UpstreamDefinition definition);
}
