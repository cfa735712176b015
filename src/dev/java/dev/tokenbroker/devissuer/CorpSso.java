package dev.tokenbroker.devissuer;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The upstream {@code corp-sso} of the sample federation: a token endpoint (RFC 8693) that knows
 * one client and issues random tokens, which no service accepts. Safe for use by several threads.
 */
final class CorpSso {

  static final String CLIENT_ID = "token-broker";

  /** No secret, since the token endpoint exists in dev and test mode only. */
  static final String CLIENT_SECRET = "known-to-everybody";

  private static final String AUTHORIZED =
      "Basic "
          + Base64.getEncoder()
              .encodeToString(
                  (CLIENT_ID + ":" + CLIENT_SECRET).getBytes(StandardCharsets.US_ASCII));
  private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
  private static final int TOKEN_BYTES = 32;

  /** Ends before the credential that it was exchanged for. */
  private static final int LIFE_SECONDS = 90;

  private final SecureRandom random = new SecureRandom();

  /** The response to a token request. */
  CiAnswer answer(@Nullable String authorization, MultiMap form) {
    if (!AUTHORIZED.equals(authorization)) {
      return error(401, "invalid_client");
    }
    if (!TOKEN_EXCHANGE.equals(form.get("grant_type"))) {
      return error(400, "unsupported_grant_type");
    }
    if (!form.contains("subject_token")) {
      return error(400, "invalid_request");
    }
    byte[] token = new byte[TOKEN_BYTES];
    random.nextBytes(token);
    return CiAnswer.json(
        200,
        JSONObjectUtils.toJSONString(
            Map.of(
                "access_token",
                Base64URL.encode(token).toString(),
                "issued_token_type",
                ACCESS_TOKEN,
                "token_type",
                "Bearer",
                "expires_in",
                LIFE_SECONDS)));
  }

  private static CiAnswer error(int status, String error) {
    return CiAnswer.json(status, JSONObjectUtils.toJSONString(Map.of("error", error)));
  }
}
