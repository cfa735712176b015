package dev.tokenbroker.issue.sts;

/** How the parameters of a token request are written. */
public enum RequestEncoding {
  /** As a form (RFC 6749 appendix B), as the specifications demand. */
  FORM("form"),
  /** As the members of a JSON object, as some services want them. */
  JSON("json");

  private final String label;

  RequestEncoding(String label) {
    this.label = label;
  }

  /** The name in the federation document. */
  public String label() {
    return label;
  }
}
