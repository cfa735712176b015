package dev.tokenbroker.evaluate.exchange;

import org.jspecify.annotations.Nullable;

/**
 * What a caller sent to say and prove which client it is, before any check. Its TLS certificate is
 * among the request's keys. Holds secrets, so {@link #toString} shows the id only.
 *
 * @param id the {@code client_id}, or the user name of {@code Basic}; empty if there is none
 * @param secret null if there is none
 * @param assertion the {@code client_assertion} that authenticates the client (RFC 7523 section
 *     2.2); empty if there is none, or if it is the credential itself
 * @param assertionType the {@code client_assertion_type} of that assertion
 * @param byCredential whether the credential is the client's assertion (grant {@code
 *     client_credentials}): then {@code id} must be one of the credential's client
 */
public record PresentedClient(
    String id,
    @Nullable PresentedSecret secret,
    String assertion,
    String assertionType,
    boolean byCredential) {

  /** A caller that says nothing about its client. */
  public static final PresentedClient NONE = new PresentedClient("", null, "", "", false);

  @Override
  public String toString() {
    return "PresentedClient[" + id + "]";
  }
}
