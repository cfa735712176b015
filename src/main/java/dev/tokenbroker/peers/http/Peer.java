package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.change.Change.SubjectKind;

/**
 * An issuer, an upstream or the provider of the broker's own tokens, as changes name it; or the
 * broker itself by one of its certificates.
 *
 * @param kind {@link SubjectKind#ISSUER}, {@link SubjectKind#UPSTREAM}, {@link
 *     SubjectKind#OWN_CLIENT} or {@link SubjectKind#TLS}
 * @param name the identifier of an issuer, or the name of an upstream, of a client or of a TLS
 *     configuration
 * @param place where an issuer has its keys, if its identifier does not say it; else empty
 */
public record Peer(SubjectKind kind, String name, String place) {

  /** The issuer with that identifier and that place of its keys. */
  public static Peer issuer(String identifier, String place) {
    return new Peer(SubjectKind.ISSUER, identifier, place);
  }

  /** The upstream with that name. */
  public static Peer upstream(String name) {
    return new Peer(SubjectKind.UPSTREAM, name, "");
  }

  /** The provider of the client with that name. */
  public static Peer ownClient(String name) {
    return new Peer(SubjectKind.OWN_CLIENT, name, "");
  }
}
