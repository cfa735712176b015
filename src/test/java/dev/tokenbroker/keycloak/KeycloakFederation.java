package dev.tokenbroker.keycloak;

import com.nimbusds.jose.jwk.JWKSet;
import dev.tokenbroker.edges.edge.FreePort;
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
 * Starts a Keycloak with two realms before the broker, and gives the broker a federation that
 * trusts one as an issuer and exchanges tokens at the other. They are handed to the test's fields
 * of type {@link KeycloakRealm} and {@link KeycloakSso}.
 */
public final class KeycloakFederation implements QuarkusTestResourceLifecycleManager {

  static final String AUDIENCE = "https://token-broker.test";
  static final String TARGET = "payments-api";

  /** Short, so that the test need not wait for the keys after a rotation. */
  static final Duration KEY_COOL_DOWN = Duration.ofSeconds(1);

  final int grpcPort = FreePort.find();
  private @Nullable KeycloakServer server;
  private @Nullable KeycloakRealm realm;
  private @Nullable KeycloakAdmin admin;
  private @Nullable KeycloakSso sso;

  @Override
  public Map<String, String> start() {
    try {
      server = KeycloakServer.start();
      realm = KeycloakRealm.create(server, AUDIENCE);
      admin = new KeycloakAdmin(server);
      sso = KeycloakSso.create(admin, "sso", new JWKSet());
      Path directory = Files.createDirectories(Path.of("target", "edge-keycloak").toAbsolutePath());
      Path file = directory.resolve("federation.yaml");
      Files.writeString(directory.resolve("sso-secret"), sso.secret());
      Files.writeString(file, document(realm.issuer(), sso.issuer()));
      return Map.of(
          "quarkus.management.port",
          Integer.toString(FreePort.find()),
          "token-broker.grpc.port",
          Integer.toString(grpcPort),
          "token-broker.federation.path",
          file.toString(),
          "token-broker.issuer.key-cool-down",
          KEY_COOL_DOWN.toString(),
          "token-broker.token.issuer",
          "https://broker.test",
          "token-broker.upstream.allow-http-to-loopback",
          "true");
    } catch (IOException e) {
      stop();
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(KeycloakFederation.class));
    injector.injectIntoFields(
        Objects.requireNonNull(realm), new TestInjector.MatchesType(KeycloakRealm.class));
    injector.injectIntoFields(
        Objects.requireNonNull(sso), new TestInjector.MatchesType(KeycloakSso.class));
  }

  @Override
  public void stop() {
    if (admin != null) {
      admin.close();
    }
    if (realm != null) {
      realm.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static String document(String issuer, String sso) {
    return """
    issuers:
      - name: keycloak
        issuer: %1$s
        audiences: [%2$s]
        algorithms: [RS256]
      - name: sso
        issuer: %3$s
        audiences: [%4$s]
    upstreams:
      - name: sso
        issuer: %3$s
        clientId: %4$s
        clientSecretFile: sso-secret
    targets:
      - audience: %5$s
        mint: {lifetime: 5m}
      - audience: %6$s
        exchange: {upstream: sso, audience: %6$s, scopes: []}
    rules:
      - name: payments-job
        issuer: keycloak
        when: claims.azp == "%7$s"
        audience: %5$s
        subject: '"app:" + claims.azp'
        scopes: [deploy, read]
      - name: users
        issuer: sso
        when: claims.preferred_username == "%8$s"
        audience: %6$s
    """
        .formatted(
            issuer,
            AUDIENCE,
            sso,
            KeycloakSso.BROKER,
            TARGET,
            KeycloakSso.SERVICE,
            KeycloakRealm.CLIENT,
            KeycloakSso.USER);
  }
}
