package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.issue.signing.SigningKey;
import dev.tokenbroker.issue.signing.TokenIds;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes assertions by which a client authenticates (RFC 7523 sections 2.2 and 3, OpenID Connect
 * Core section 9). Each is good for a minute and for one use.
 *
 * <p>The audience is one string. If operators declare the upstream by its issuer, the audience is
 * that issuer, as draft-ietf-oauth-rfc7523bis demands. A document then names the token endpoint,
 * and its author could use an assertion for that address elsewhere. If operators declare the token
 * endpoint itself, that is the audience, as RFC 7523 says and older servers expect.
 */
final class ClientAssertions {

  static final Duration LIFETIME = Duration.ofSeconds(60);

  private static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  private final String clientId;
  private final @Nullable String keyId;
  private final @Nullable String issuer;
  private final InstantSource clock;
  private final TokenIds ids = new TokenIds();

  /**
   * @param keyId the {@code kid}; null for the key's thumbprint
   * @param issuer the upstream's issuer; null if its token endpoint is declared
   */
  ClientAssertions(
      String clientId, @Nullable String keyId, @Nullable String issuer, InstantSource clock) {
    this.clientId = clientId;
    this.keyId = keyId;
    this.issuer = issuer;
    this.clock = clock;
  }

  /** Adds a new assertion and {@code client_id}, which some servers look for beside it. */
  void addTo(TokenForm form, SigningKey key, URI endpoint) {
    form.add("client_id", clientId);
    add(form, sign(key, issuer == null ? endpoint.toString() : issuer));
  }

  /** Adds an existing assertion. */
  static void add(TokenForm form, String assertion) {
    form.add("client_assertion_type", JWT_BEARER).add("client_assertion", assertion);
  }

  private String sign(SigningKey key, String audience) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", key.algorithm().jwaName());
    header.put("typ", "JWT");
    header.put("kid", keyId == null ? key.kid() : keyId);
    long now = clock.instant().getEpochSecond();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", clientId);
    claims.put("sub", clientId);
    claims.put("aud", audience);
    claims.put("jti", ids.next());
    claims.put("iat", now);
    claims.put("exp", now + LIFETIME.toSeconds());
    return key.sign(JsonBytes.of(header), JsonBytes.of(claims));
  }
}
