package dev.tokenbroker.judge.possession;

import org.jspecify.annotations.Nullable;

/** A proof that the sender of a request holds a key; only {@link ProofVerifier} makes one. */
public final class DpopProof {

  private final String thumbprint;
  private final @Nullable String accessTokenHash;

  DpopProof(String thumbprint, @Nullable String accessTokenHash) {
    this.thumbprint = thumbprint;
    this.accessTokenHash = accessTokenHash;
  }

  /** The thumbprint of the key (RFC 7638), as in {@code jkt}. */
  public String thumbprint() {
    return thumbprint;
  }

  /** The claim {@code ath}: the hash of the token sent with the proof; null where absent. */
  @Nullable String accessTokenHash() {
    return accessTokenHash;
  }
}
