package dev.tokenbroker.outbound;

import dev.tokenbroker.outcome.SubjectKind;

/**
 * An issuer or an upstream, as changes name it.
 *
 * @param kind {@link SubjectKind#ISSUER} or {@link SubjectKind#UPSTREAM}
 * @param name the identifier of an issuer, or the name of an upstream
 */
public record Peer(SubjectKind kind, String name) {

  /** The issuer with that identifier. */
  public static Peer issuer(String identifier) {
    return new Peer(SubjectKind.ISSUER, identifier);
  }

  /** The upstream with that name. */
  public static Peer upstream(String name) {
    return new Peer(SubjectKind.UPSTREAM, name);
  }
}
