package dev.tokenbroker.devissuer;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The issuer {@code ci} of the sample federation: its documents and credentials, sound or with the
 * present fault. Safe for use by several threads.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
final class CiIssuer {

  /** The path of its token endpoint, which is the upstream {@code corp-sso}. */
  static final String TOKEN_PATH = "/token";

  static final String KEYS_PATH = "/jwks.json";
  static final String DISCOVERY_PATH = "/.well-known/openid-configuration";

  private static final String REPOSITORY = "acme/shop";
  private static final String SUBJECT = "repo:acme/shop:ref:refs/heads/main";

  /** GitHub's form since July 2026. */
  private static final String NEW_SUBJECT = "repo:acme@1234/shop@5678:ref:refs/heads/main";

  /** What GitHub writes where a workflow asks for no audience. */
  private static final String DEFAULT_AUDIENCE = "https://ci.localhost/acme";

  /** Shorter than {@link #CLOCK_STEP} and the broker's leeway, so that a clock behind shows. */
  private static final Duration LIFETIME = Duration.ofMinutes(2);

  private static final Duration CLOCK_STEP = Duration.ofMinutes(5);

  private final InstantSource clock;
  private final CiKeys keys = new CiKeys();
  private volatile @Nullable Fault fault;

  CiIssuer(InstantSource clock) {
    this.clock = clock;
  }

  /** The {@code iss} of the issuer at that port. */
  static String issuer(int port) {
    return "https://localhost:" + port;
  }

  /** Ends the present fault and begins that one; null for none. */
  synchronized void behave(@Nullable Fault next) {
    keys.mend();
    switch (next) {
      case ROTATE_KEYS -> keys.rotate();
      case DROP_KEYS -> keys.drop();
      case SWAP_KEYS -> keys.swap();
      case null -> {}
      case EXPIRE_CERTIFICATE,
          ISSUER_SLASH,
          CLOCK_AHEAD,
          CLOCK_BEHIND,
          UNAVAILABLE,
          HANG,
          SLOW,
          HTML,
          NEW_SUBJECT,
          WRONG_AUDIENCE,
          STORM -> {
        // They leave the keys alone.
      }
    }
    fault = next;
  }

  /** The present fault; null for none. */
  @Nullable Fault fault() {
    return fault;
  }

  /** The time by its clock. */
  Instant now() {
    Instant now = clock.instant();
    Fault present = fault;
    if (present == Fault.CLOCK_AHEAD) {
      return now.plus(CLOCK_STEP);
    }
    return present == Fault.CLOCK_BEHIND ? now.minus(CLOCK_STEP) : now;
  }

  /** The discovery document (OpenID Connect Discovery 1.0, section 3). */
  String discovery(int port) {
    Map<String, Object> document = DevIssuer.metadata(issuer(port));
    document.put("token_endpoint", issuer(port) + TOKEN_PATH);
    if (fault == Fault.ISSUER_SLASH) {
      document.put("issuer", issuer(port) + "/");
    }
    return JSONObjectUtils.toJSONString(document);
  }

  /** The published keys (RFC 7517 section 5). */
  String keySet() {
    return keys.fetched();
  }

  /** A credential of a job, signed now. */
  String credential(int port) {
    DevKey key = keys.signing();
    return new Forge(key, key, LIFETIME).make(issuer(port), job(), now());
  }

  private DevCredential job() {
    Fault present = fault;
    return new DevCredential(
        present == Fault.NEW_SUBJECT ? NEW_SUBJECT : SUBJECT,
        present == Fault.WRONG_AUDIENCE ? DEFAULT_AUDIENCE : DevCredential.AUDIENCE,
        REPOSITORY,
        DevCredential.REF,
        present == Fault.ISSUER_SLASH ? Flaw.ISSUER_SLASH : null);
  }
}
