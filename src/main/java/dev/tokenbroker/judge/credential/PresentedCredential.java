package dev.tokenbroker.judge.credential;

/**
 * A credential as the caller sent it, without any check.
 *
 * @param tokenType the kind of the credential, a URN of RFC 8693 section 3
 * @param value the credential itself; {@link #toString()} omits it, so that no log contains it
 */
public record PresentedCredential(String tokenType, String value) {

  @Override
  public String toString() {
    return "PresentedCredential[tokenType=" + tokenType + "]";
  }
}
