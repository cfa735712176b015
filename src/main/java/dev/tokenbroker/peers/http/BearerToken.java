package dev.tokenbroker.peers.http;

import java.util.regex.Pattern;

/**
 * A token that the broker presents to a peer in the {@code Authorization} header (RFC 6750 section
 * 2.1). It is a secret, so {@link #toString} does not show it.
 *
 * @param value {@code b64token} of RFC 6750, at most {@value #MAX_CHARS} characters
 */
public record BearerToken(String value) {

  /** The most characters, which also bounds the header of a request. */
  public static final int MAX_CHARS = 16 * 1024;

  private static final Pattern B64TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  /** Refuses a text that cannot be sent as a token; the message does not show it. */
  public BearerToken {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("no bearer token by RFC 6750 section 2.1");
    }
  }

  /** Whether a text can be sent as a token. */
  public static boolean isWellFormed(String text) {
    return text.length() <= MAX_CHARS && B64TOKEN.matcher(text).matches();
  }

  /** The value of the {@code Authorization} header. */
  public String header() {
    return "Bearer " + value;
  }

  @Override
  public String toString() {
    return "BearerToken[" + value.length() + " characters]";
  }
}
