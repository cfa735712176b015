package dev.tokenbroker.evaluate.revocation;

import org.jspecify.annotations.Nullable;

/**
 * An authenticated caller; exactly one of the three is set.
 *
 * @param subject the {@code sub} of its access token
 * @param certificate the thumbprint of its client certificate
 * @param client the id of the client that its secret has authenticated
 */
public record KnownCaller(
    @Nullable String subject, @Nullable String certificate, @Nullable String client) {

  /** The caller on this machine, in dev mode. */
  static final KnownCaller ON_THIS_MACHINE = new KnownCaller("loopback", null, null);

  /** The name of the caller, for people. */
  public String name() {
    if (subject != null) {
      return subject;
    }
    return certificate == null ? "client " + client : "certificate " + certificate;
  }
}
