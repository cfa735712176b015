package dev.tokenbroker.devissuer;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The development issuer: one key that is made at the start and published, another that is not, and
 * any credential on request. Safe for use by several threads.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
final class DevIssuer {

  /** Its path under the broker's own address. */
  static final String PATH = "/dev-issuer";

  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private final InstantSource clock;
  private final DevKey published = DevKey.generate();
  private final Forge forge = new Forge(published, DevKey.generate(), LIFETIME);

  DevIssuer(InstantSource clock) {
    this.clock = clock;
  }

  /** The {@code iss} of the issuer that the broker serves on that port. */
  static String issuer(int port) {
    return address(port) + PATH;
  }

  /** The broker's own HTTP address. Always by name: {@code iss} is compared exactly. */
  static String address(int port) {
    return "http://localhost:" + port;
  }

  /** The discovery document (OpenID Connect Discovery 1.0, section 3). */
  String discovery(int port) {
    return JSONObjectUtils.toJSONString(metadata(issuer(port)));
  }

  /** The members of the discovery document of an issuer in dev mode. */
  static Map<String, Object> metadata(String issuer) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("issuer", issuer);
    document.put("jwks_uri", issuer + "/jwks.json");
    document.put("response_types_supported", List.of("id_token"));
    document.put("subject_types_supported", List.of("public"));
    document.put("id_token_signing_alg_values_supported", List.of("ES256"));
    return document;
  }

  /** The published key alone (RFC 7517 section 5). */
  String jwks() {
    return new JWKSet(published.published()).toString();
  }

  /** A credential as described, signed now. */
  String credential(int port, DevCredential wanted) {
    return forge.make(issuer(port), wanted, clock.instant());
  }
}
