package dev.tokenbroker.lifecycle;

/**
 * What a caller may do at the broker itself. Each is granted by a scope of its own, compared
 * exactly; none implies another.
 */
public enum Right {
  /** To read whole verdicts. */
  OPERATE("operate"),
  /** To ask whether tokens are active (RFC 7662). */
  INTROSPECT("introspect"),
  /** To take tokens back (RFC 7009). */
  REVOKE("revoke");

  private final String scope;

  Right(String scope) {
    this.scope = scope;
  }

  /** The scope that grants it, of a token for the audience {@link BrokerTokens#AUDIENCE}. */
  public String scope() {
    return scope;
  }
}
