package dev.tokenbroker.possession;

import org.jspecify.annotations.Nullable;

/**
 * What a caller brings to show that it holds keys.
 *
 * @param certificate the SHA-256 thumbprint of the certificate that its connection has proved; null
 *     where there is none
 * @param proof the proof that it sent; null where it sent none
 */
public record PresentedKeys(@Nullable String certificate, @Nullable PresentedProof proof) {

  /** A caller who shows nothing, as most do. */
  public static final PresentedKeys NONE = new PresentedKeys(null, null);

  /** The same without the proof. */
  public PresentedKeys withoutProof() {
    return of(certificate, null);
  }

  /** Those of a caller; {@link #NONE} where it shows nothing. */
  public static PresentedKeys of(@Nullable String certificate, @Nullable PresentedProof proof) {
    return certificate == null && proof == null ? NONE : new PresentedKeys(certificate, proof);
  }
}
