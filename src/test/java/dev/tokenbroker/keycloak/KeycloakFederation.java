package dev.tokenbroker.keycloak;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Starts a Keycloak with a realm before the broker, and gives the broker a federation that trusts
 * it. The realm is handed to the test's field of type {@link KeycloakRealm}.
 */
public final class KeycloakFederation implements QuarkusTestResourceLifecycleManager {

  static final String AUDIENCE = "https://token-broker.test";
  static final String TARGET = "payments-api";

  /** Short, so that the test need not wait for the keys after a rotation. */
  static final Duration KEY_COOL_DOWN = Duration.ofSeconds(1);

  private @Nullable KeycloakServer server;
  private @Nullable KeycloakRealm realm;

  @Override
  public Map<String, String> start() {
    try {
      server = KeycloakServer.start();
      realm = KeycloakRealm.create(server, AUDIENCE);
      Path file = Path.of("target", "keycloak-federation.yaml").toAbsolutePath();
      Files.writeString(file, document(realm.issuer()));
      return Map.of(
          "token-broker.federation.path",
          file.toString(),
          "token-broker.issuer.key-cool-down",
          KEY_COOL_DOWN.toString(),
          "quarkus.http.test-port",
          "0");
    } catch (IOException e) {
      stop();
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(
        Objects.requireNonNull(realm), new TestInjector.MatchesType(KeycloakRealm.class));
  }

  @Override
  public void stop() {
    if (realm != null) {
      realm.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static String document(String issuer) {
    return """
    issuers:
      - name: keycloak
        issuer: %s
        audiences: [%s]
        algorithms: [RS256]
    targets:
      - audience: %s
        mint: {lifetime: 5m}
    rules:
      - name: payments-job
        issuer: keycloak
        when: claims.azp == "%s"
        audience: %s
        subject: '"client:" + claims.azp'
        scopes: [deploy, read]
    """
        .formatted(issuer, AUDIENCE, TARGET, KeycloakRealm.CLIENT, TARGET);
  }
}
