package dev.tokenbroker.command.doctor;

import java.util.Locale;

/** The name of a check. Names are stable; {@code doctor.md} has a section for each. */
public enum DoctorCheck {
  PROXY_VARIABLES("no proxy variable is ignored"),
  DOCUMENT_PROBLEMS("the document loads"),
  DOCUMENT_WARNINGS("the lint has no warning"),
  DOCUMENT_CASES("the cases of the document pass"),
  HOST_NAME("the host name resolves"),
  HOST_ADDRESS("the address may be called"),
  HOST_CONNECTION("the host accepts connections"),
  HOST_TLS("the TLS certificate is valid and trusted"),
  DISCOVERY("the discovery document is served"),
  ISSUER_NAME("the discovery document names the issuer"),
  KEY_SET("the key set is served"),
  KEYS("the keys can be used"),
  KEY_CACHING("no cache serves an old key set"),
  CLOCK("the clocks agree"),
  CLIENT_SECRET("the secret or key of the client can be used"),
  TOKEN_ENDPOINT("the token endpoint refuses an unknown grant"),
  BROKER_CONNECTION("the broker answers over gRPC"),
  BROKER_HEALTH("the broker serves"),
  BROKER_REFLECTION("gRPC reflection is off"),
  BROKER_METADATA("the broker publishes its metadata"),
  BROKER_KEYS("the broker publishes its signing keys"),
  CREDENTIAL_ACCEPTED("the credential is accepted"),
  TOKEN_ISSUED("a token is issued"),
  TOKEN_REVOKED("the issued token is revoked");

  private final String title;

  DoctorCheck(String title) {
    this.title = title;
  }

  /** What holds if the check passes. */
  public String title() {
    return title;
  }

  /** The heading of its section in the document, and the anchor. */
  public String anchor() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The path of its section in the documents. */
  public String link() {
    return "src/docs/operate/doctor.md#" + anchor();
  }
}
