package dev.tokenbroker.issue.sts;

/** The ways to ask a security token service of OAuth 2.0 for a token. */
public enum UpstreamGrant {
  /** The credential is exchanged (RFC 8693 section 2.1). */
  TOKEN_EXCHANGE("token-exchange", "urn:ietf:params:oauth:grant-type:token-exchange"),
  /** The credential is the assertion (RFC 7523 section 2.1). */
  JWT_BEARER("jwt-bearer", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
  /** The broker asks in its own name (RFC 6749 section 4.4). */
  CLIENT_CREDENTIALS("client-credentials", "client_credentials");

  private final String label;
  private final String grantType;

  UpstreamGrant(String label, String grantType) {
    this.label = label;
    this.grantType = grantType;
  }

  /** The name in the federation document. */
  public String label() {
    return label;
  }

  /** The {@code grant_type} of the token request. */
  public String grantType() {
    return grantType;
  }
}
