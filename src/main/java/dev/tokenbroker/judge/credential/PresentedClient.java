package dev.tokenbroker.judge.credential;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a caller sent to say and prove which client it is, before any check. Its TLS certificate is
 * among the request's keys. Holds secrets, so {@link #toString} shows the id only.
 *
 * @param id the {@code client_id}, or the user name of {@code Basic}; empty if there is none
 * @param secret null if there is none
 * @param assertion the {@code client_assertion} that authenticates the client (RFC 7523 section
 *     2.2); empty if there is none, or if it is the credential itself
 * @param assertionType the {@code client_assertion_type} of that assertion
 * @param byCredential whether the credential is the client's assertion (grant {@code
 *     client_credentials}). The {@code id}, if there is one, must then identify the client that the
 *     credential proves
 */
public record PresentedClient(
    String id,
    @Nullable PresentedSecret secret,
    String assertion,
    String assertionType,
    boolean byCredential) {

  /** A caller that says nothing about its client. */
  public static final PresentedClient NONE = new PresentedClient("", null, "", "", false);

  private static final String BASIC = "Basic ";

  /** Whether an {@code Authorization} header has the scheme {@code Basic}. */
  public static boolean isBasic(String authorization) {
    return authorization.regionMatches(true, 0, BASIC, 0, BASIC.length());
  }

  /**
   * The client of an {@code Authorization} header of the scheme {@code Basic}; empty if it is no
   * base64 of an id and a secret.
   */
  public static Optional<PresentedClient> ofBasic(String authorization) {
    byte[] pair;
    try {
      pair =
          isBasic(authorization)
              ? Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip())
              : new byte[0];
    } catch (IllegalArgumentException notEncoded) {
      return Optional.empty();
    }
    int colon = 0;
    while (colon < pair.length && pair[colon] != ':') {
      colon++;
    }
    if (colon == pair.length) {
      return Optional.empty();
    }
    PresentedSecret secret =
        new PresentedSecret(
            Arrays.copyOfRange(pair, colon + 1, pair.length), PresentedSecret.In.BASIC);
    String id = formDecoded(new String(pair, 0, colon, StandardCharsets.UTF_8));
    return Optional.of(new PresentedClient(id, secret, "", "", false));
  }

  // Clients that do not encode the id send a percent sign as it is.
  private static String formDecoded(String id) {
    try {
      return URLDecoder.decode(id, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return id;
    }
  }

  /** Whether there is a secret or an assertion to check. */
  public boolean isProving() {
    return secret != null || !assertion.isEmpty() || !assertionType.isEmpty();
  }

  @Override
  public String toString() {
    return "PresentedClient[" + id + "]";
  }
}
