package dev.tokenbroker.issue.signing;

import java.security.SecureRandom;
import java.util.Base64;

/** Makes the ids of JWTs ({@code jti}): 128 random bits each. Safe for use by several threads. */
public final class TokenIds {

  private static final int BYTES = 16;
  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private final SecureRandom random = new SecureRandom();

  /** An id that no other JWT has. */
  public String next() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return BASE64_URL.encodeToString(bytes);
  }
}
