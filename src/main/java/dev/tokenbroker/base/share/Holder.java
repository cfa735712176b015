package dev.tokenbroker.base.share;

/**
 * Who takes a place: shares nest, so an identity counts against its issuer, too. A key that the
 * caller makes itself is no part of it.
 *
 * @param issuer the issuer's name; empty for a client and for the subject of a token of ours
 * @param name the verified subject, or the client
 */
public record Holder(String issuer, String name) {

  /** A client, or the subject of a token of ours. */
  public static Holder of(String name) {
    return new Holder("", name);
  }
}
