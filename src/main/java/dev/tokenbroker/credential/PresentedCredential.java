package dev.tokenbroker.credential;

/**
 * A credential as the caller presents it: nothing about it has been checked.
 *
 * @param tokenType the URN of RFC 8693 section 3 that says what it is
 * @param value the credential itself; never logged, which {@link #toString()} sees to
 */
public record PresentedCredential(String tokenType, String value) {

  @Override
  public String toString() {
    return "PresentedCredential[tokenType=" + tokenType + "]";
  }
}
