package dev.tokenbroker.evaluate.revocation;

/**
 * The token that a caller wants to revoke. It is a secret: {@link #toString} shows the audience
 * alone.
 *
 * @param value any text
 * @param audience the target that the token is for, as the caller says; empty if it does not say
 */
public record NamedToken(String value, String audience) {

  @Override
  public String toString() {
    return "NamedToken[audience=" + audience + "]";
  }
}
