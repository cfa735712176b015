package dev.tokenbroker.base.share;

import dev.tokenbroker.base.refusal.RefusalReason;

/**
 * The bounded memories that admitted callers fill, with the shares of one issuer and of one
 * identity or client. {@code src/docs/operate/threat-model.md} has a row for each.
 */
public enum Bounded {
  USED_CREDENTIALS("used credentials", 2, 10),
  ASSERTIONS("used assertions", 1, 10),
  PROOFS("DPoP proofs", 2, 20),
  OWN_REVOCATIONS("revocations by holders", 1, 10),
  STREAMS("streams of operators", 1, 8) {
    @Override
    public RefusalReason reason() {
      return RefusalReason.CALLER_STREAMS_FULL;
    }
  };

  private final String label;
  private final int issuerPart;
  private final int ownPart;

  /**
   * @param issuerPart one issuer has at most the bound divided by this
   * @param ownPart one identity, client or subject has at most the bound divided by this
   */
  Bounded(String label, int issuerPart, int ownPart) {
    this.label = label;
    this.issuerPart = issuerPart;
    this.ownPart = ownPart;
  }

  /** Its name in documents and refusals. */
  public String label() {
    return label;
  }

  /** The reason that the holder of too much gets, and nobody else. */
  public RefusalReason reason() {
    return RefusalReason.SHARE_USED_UP;
  }

  /** The share of one issuer in a memory of that size, at least 1. */
  public int ofIssuer(int most) {
    return Math.max(1, most / issuerPart);
  }

  /** The share of one identity, client or subject in a memory of that size, at least 1. */
  public int ofOne(int most) {
    return Math.max(1, most / ownPart);
  }
}
