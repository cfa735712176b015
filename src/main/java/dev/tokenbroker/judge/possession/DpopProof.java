package dev.tokenbroker.judge.possession;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A proof that the sender of a request holds a key; only {@link ProofVerifier} makes one. Whether
 * it was accepted before is known when it is taken.
 */
public final class DpopProof {

  private final String thumbprint;
  private final @Nullable String accessTokenHash;
  private final String id;
  private final Instant issueTime;
  private final Instant usableUntil;

  /**
   * @param usableUntil the last moment at which it may be accepted
   */
  DpopProof(
      String thumbprint,
      @Nullable String accessTokenHash,
      String id,
      Instant issueTime,
      Instant usableUntil) {
    this.thumbprint = thumbprint;
    this.accessTokenHash = accessTokenHash;
    this.id = id;
    this.issueTime = issueTime;
    this.usableUntil = usableUntil;
  }

  /** The thumbprint of the key (RFC 7638), as in {@code jkt}. */
  public String thumbprint() {
    return thumbprint;
  }

  /** The claim {@code ath}: the hash of the token sent with the proof; null where absent. */
  @Nullable String accessTokenHash() {
    return accessTokenHash;
  }

  /** The claim {@code jti}. */
  String id() {
    return id;
  }

  /** The claim {@code iat}. */
  Instant issueTime() {
    return issueTime;
  }

  Instant usableUntil() {
    return usableUntil;
  }
}
