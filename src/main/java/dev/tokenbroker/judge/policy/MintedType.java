package dev.tokenbroker.judge.policy;

/** The {@code typ} in the header of the tokens that this broker makes for a target. */
public enum MintedType {
  /** As RFC 9068 section 2.1 demands. */
  ACCESS_TOKEN("at+jwt"),

  /** For verifiers that know no other type (RFC 7519 section 5.1). */
  JWT("JWT");

  private final String typ;

  MintedType(String typ) {
    this.typ = typ;
  }

  public String typ() {
    return typ;
  }
}
