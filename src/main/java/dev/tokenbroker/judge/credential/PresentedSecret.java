package dev.tokenbroker.judge.credential;

/**
 * The secret that a client sent, before any check. {@link #toString} shows nothing of it.
 *
 * <p>A secret in the form is decoded. A secret by {@code Basic} is as sent: RFC 6749 section 2.3.1
 * has clients percent-encode it, but many clients do not.
 */
public final class PresentedSecret {

  /** Where a secret was sent (RFC 6749 section 2.3.1). */
  public enum In {
    BASIC,
    FORM,
    /** {@code Basic} in the metadata of a gRPC call: ignored if no client is registered. */
    METADATA
  }

  private final byte[] octets;
  private final In in;

  public PresentedSecret(byte[] octets, In in) {
    this.octets = octets.clone();
    this.in = in;
  }

  public byte[] octets() {
    return octets.clone();
  }

  public In in() {
    return in;
  }

  @Override
  public String toString() {
    return "PresentedSecret[" + in + "]";
  }
}
