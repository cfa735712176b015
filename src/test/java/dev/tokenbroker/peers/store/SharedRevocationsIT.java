package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.net.URI;
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

/**
 * Revocations of three replicas with a real store, and the row of src/docs/operate/store.md about
 * them.
 */
@Tag("store")
class SharedRevocationsIT {

  private static final Duration PROMISED = Duration.ofSeconds(2);
  private static final Duration RECOVERY = Duration.ofSeconds(5);
  private static final int UNAVAILABLE = 503;

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final List<BrokerProcess> replicas = new ArrayList<>();
  private ValkeyServer server;
  private String service;

  @BeforeEach
  void start() throws IOException {
    server = ValkeyServer.start(directory);
    Files.writeString(
        directory.resolve("signing.pem"),
        TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
    Path file = directory.resolve("revocations");
    replicas.add(setup().with("token-broker.revocation.path", file.toString()).launch());
    replicas.add(setup().launch());
    replicas.add(setup().launch());
    service = token("token-broker");
  }

  @AfterEach
  void stop() {
    replicas.forEach(BrokerProcess::close);
    server.close();
    issuer.close();
  }

  @Test
  void a_token_revoked_at_one_replica_ends_at_all_in_two_seconds() {
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
  void only_a_file_takes_revocations_while_the_store_is_away() {
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
    Eventually.until(() -> introspected(replica, token), seen -> seen.contains(answer));
  }

  private String introspected(BrokerProcess replica, String token) {
    return post(replica.uri("/introspect"), token).body();
  }

  /** Revokes it, as a caller that comes back while the store is slow. */
  private void revokes(BrokerProcess replica, String token) {
    Eventually.until(() -> revoke(replica, token), status -> status == 200);
  }

  private int revoke(BrokerProcess replica, String token) {
    return post(replica.uri("/revoke"), token).statusCode();
  }

  private HttpResponse<String> post(URI uri, String token) {
    return Http.post(uri, "token=" + token, "Authorization", "Bearer " + service);
  }

  private BrokerProcess.Setup setup() {
    Path keys = directory.resolve("signing.pem");
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(federation()).with("token-broker.token.key-files", keys.toString());
    return server.shared(setup, 1000);
  }

  private Path federation() {
    return Unchecked.get(
        () ->
            Files.writeString(
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
                    .formatted(issuer.issuer(), FakeIssuer.AUDIENCE)));
  }
}
