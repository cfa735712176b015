package dev.tokenbroker.possession;

import org.jspecify.annotations.Nullable;

/** The proof that who made a request holds a key: only {@link ProofVerifier} makes one. */
public final class DpopProof {

  private final String thumbprint;
  private final @Nullable String accessTokenHash;

  DpopProof(String thumbprint, @Nullable String accessTokenHash) {
    this.thumbprint = thumbprint;
    this.accessTokenHash = accessTokenHash;
  }

  /** The thumbprint of the key (RFC 7638), which {@code jkt} holds. */
  public String thumbprint() {
    return thumbprint;
  }

  /** Its claim {@code ath}: of the token that it was sent with; null where it has none. */
  @Nullable String accessTokenHash() {
    return accessTokenHash;
  }
}
