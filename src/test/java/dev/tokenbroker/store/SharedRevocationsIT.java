package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Revocations of three replicas with a real store, and the row of src/docs/store.md about them. */
@Tag("store")
class SharedRevocationsIT {

  private static final Duration PROMISED = Duration.ofSeconds(2);
  private static final Duration RECOVERY = Duration.ofSeconds(5);
  private static final int UNAVAILABLE = 503;

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<BrokerProcess> replicas = new ArrayList<>();
  private ValkeyServer server;
  private String service;

  @BeforeEach
  void start() throws IOException, JOSEException {
    server = ValkeyServer.start(directory);
    Files.writeString(directory.resolve("store.key"), "k".repeat(32));
    Files.writeString(
        directory.resolve("signing.json"),
        new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate().toJSONString());
    Path file = directory.resolve("revocations");
    replicas.add(setup().with("token-broker.revocation.path", file.toString()).launch());
    replicas.add(setup().launch());
    replicas.add(setup().launch());
    service = token("token-broker");
  }

  @AfterEach
  void stop() {
    http.close();
    replicas.forEach(BrokerProcess::close);
    server.close();
    issuer.close();
  }

  @Test
  void a_token_revoked_at_one_replica_is_active_at_none_within_two_seconds() {
    String kept = token("payments-api");
    for (BrokerProcess replica : List.copyOf(replicas)) {
      String token = token("payments-api");
      assertThat(replicas).allSatisfy(other -> isActive(other, token));

      revokes(replica, token);
      long revoked = System.nanoTime();

      assertThat(replicas).allSatisfy(other -> isInactive(other, token));
      assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(PROMISED);
    }
    assertThat(replicas).allSatisfy(other -> isActive(other, kept));
  }

  @Test
  void a_store_that_lost_its_memory_hears_again_what_was_revoked() {
    String token = token("payments-api");
    revokes(replicas.get(1), token);
    assertThat(replicas).allSatisfy(replica -> isInactive(replica, token));

    server.close();
    server.start();
    BrokerProcess later = setup().launch();
    replicas.add(later);

    assertThat(replicas).allSatisfy(replica -> isInactive(replica, token));
    isActive(later, token("payments-api"));
  }

  @Test
  void while_the_store_is_away_only_a_file_takes_revocations_and_nothing_is_called_active() {
    String before = token("payments-api");
    String token = token("payments-api");
    String active = token("payments-api");
    revokes(replicas.get(2), before);
    assertThat(replicas).allSatisfy(replica -> isInactive(replica, before));

    server.hang();
    assertThat(replicas)
        .allSatisfy(replica -> comesTo(replica, active, "\"reason\":\"STORE_UNAVAILABLE\""));
    assertThat(replicas).allSatisfy(replica -> isInactive(replica, before));
    assertThat(replicas).allSatisfy(replica -> isInactive(replica, "no-token"));
    assertThat(revoke(replicas.get(1), token)).isEqualTo(UNAVAILABLE);
    assertThat(revoke(replicas.get(0), token)).isEqualTo(200);
    isInactive(replicas.get(0), token);
    assertThat(introspected(replicas.get(1), token)).contains("STORE_UNAVAILABLE");
    BrokerProcess later = setup().launch();
    replicas.add(later);
    assertThat(introspected(later, active)).contains("STORE_UNAVAILABLE");

    server.goOn();
    long mended = System.nanoTime();
    assertThat(replicas).allSatisfy(replica -> isActive(replica, active));
    assertThat(replicas).allSatisfy(replica -> isInactive(replica, token));
    assertThat(Duration.ofNanos(System.nanoTime() - mended)).isLessThan(RECOVERY);
  }

  @Test
  void who_has_only_the_password_of_the_store_revokes_nothing() {
    String token = token("payments-api");
    String other = token("payments-api");
    revokes(replicas.getFirst(), other);
    String log =
        Eventually.see(
            () -> server.admin("KEYS", "{token-broker:revoked}*").getFirst(),
            name -> !name.isEmpty());
    String authentic = server.admin("ZRANGE", log, "0", "0").getFirst();

    server.admin("ZADD", log, "9000000000000000", "x".repeat(authentic.length()));
    server.admin("ZADD", log, "9000000000000001", authentic.substring(1) + authentic.charAt(0));

    assertThat(replicas).allSatisfy(replica -> isInactive(replica, other));
    assertThat(replicas)
        .allSatisfy(
            replica -> {
              var _ = replica.awaitLine(line -> line.contains("a value that no replica wrote"));
            });
    assertThat(replicas).allSatisfy(replica -> isActive(replica, token));
  }

  private String token(String audience) {
    try (BrokerClient client = replicas.getFirst().client()) {
      return client
          .exchange(
              BrokerClient.exchangeOf(issuer.credential()).toBuilder()
                  .setAudience(audience)
                  .build())
          .granted()
          .getAccessToken();
    }
  }

  private void isActive(BrokerProcess replica, String token) {
    comesTo(replica, token, "\"active\":true");
  }

  private void isInactive(BrokerProcess replica, String token) {
    comesTo(replica, token, "{\"active\":false}");
  }

  private void comesTo(BrokerProcess replica, String token, String answer) {
    assertThat(Eventually.see(() -> introspected(replica, token), seen -> seen.contains(answer)))
        .contains(answer);
  }

  private String introspected(BrokerProcess replica, String token) {
    return post(replica.uri("/introspect"), token).body();
  }

  /** Revokes it, as a caller that comes back while the store is slow. */
  private void revokes(BrokerProcess replica, String token) {
    assertThat(Eventually.see(() -> revoke(replica, token), status -> status == 200))
        .isEqualTo(200);
  }

  private int revoke(BrokerProcess replica, String token) {
    return post(replica.uri("/revoke"), token).statusCode();
  }

  private HttpResponse<String> post(URI uri, String token) {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + service)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("token=" + token))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException broken) {
      throw new AssertionError(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(federation())
        .with("token-broker.token.key-files", directory.resolve("signing.json").toString())
        .with("token-broker.store.shared", "true")
        .with("token-broker.store.key-files", directory.resolve("store.key").toString())
        .with("token-broker.store.timeout-millis", "1000")
        .with("quarkus.redis.hosts", server.address())
        .with("quarkus.redis.tls.trust-certificate-pem", "true")
        .with("quarkus.redis.tls.trust-certificate-pem.certs", server.root().toString());
  }

  private Path federation() {
    try {
      return Files.writeString(
          directory.resolve("federation.yaml"),
          """
          issuers:
            - {name: good, issuer: '%s', audiences: ['%s']}
          targets:
            - {audience: payments-api, mint: {lifetime: 5m}}
          rules:
            - {name: all, issuer: good, audience: payments-api, when: 'true', scopes: [read]}
            - {name: services, issuer: good, audience: token-broker, when: 'true', scopes: [introspect, revoke]}
          """
              .formatted(issuer.issuer(), FakeIssuer.AUDIENCE));
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }
}
