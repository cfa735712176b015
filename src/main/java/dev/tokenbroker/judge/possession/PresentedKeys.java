package dev.tokenbroker.judge.possession;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The evidence of a caller that it holds keys.
 *
 * @param certificate the SHA-256 thumbprint of the client certificate of its connection; null where
 *     there is none
 * @param proof the proof that it sent; null where it sent none
 */
public record PresentedKeys(@Nullable String certificate, @Nullable PresentedProof proof) {

  /** A caller without evidence, as most are. */
  public static final PresentedKeys NONE = new PresentedKeys(null, null);

  /** The same without the proof. */
  public PresentedKeys withoutProof() {
    return of(certificate, null);
  }

  /** The keys of a caller; {@link #NONE} where both are null. */
  public static PresentedKeys of(@Nullable String certificate, @Nullable PresentedProof proof) {
    return certificate == null && proof == null ? NONE : new PresentedKeys(certificate, proof);
  }

  /**
   * A proof of possession as an edge read it, still unchecked.
   *
   * @param values the values of the header {@code DPoP}, which must be exactly one; {@link
   *     #toString()} keeps them out of logs
   * @param method the HTTP method of the request that it came with
   * @param uris the URIs that the request may have been sent to, without query
   */
  public record PresentedProof(List<String> values, String method, List<String> uris) {

    public PresentedProof {
      values = List.copyOf(values);
      uris = List.copyOf(uris);
    }

    @Override
    public String toString() {
      return "PresentedProof[method=" + method + ", uris=" + uris + "]";
    }
  }
}
