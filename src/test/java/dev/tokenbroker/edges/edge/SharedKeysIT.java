package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.store.ValkeyServer;
import java.nio.file.Path;
import java.text.ParseException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas with generated keys at a real Valkey server: each publishes the keys of all. */
@Tag("store")
class SharedKeysIT {

  @TempDir Path directory;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private ValkeyServer server;

  @BeforeEach
  void start() {
    server = ValkeyServer.start(directory);
  }

  @Test
  void each_replica_publishes_the_keys_of_all_even_of_a_dead_one() throws Exception {
    try (BrokerProcess first = setup().start();
        BrokerClient one = first.client()) {
      assertThat(Eventually.see(() -> ready(first), status -> status == 200)).isEqualTo(200);
      String token = token(one);
      String later;
      try (BrokerProcess second = setup().start();
          BrokerClient two = second.client()) {
        assertThat(Eventually.see(() -> ready(second), status -> status == 200)).isEqualTo(200);
        later = token(two);
        PublishedKeys.of(first.uri("/")).verified(later);
        PublishedKeys.of(second.uri("/")).verified(later);
        PublishedKeys.of(second.uri("/")).verified(token);
        assertThat(Eventually.see(() -> keys(second), keys -> keys.equals(keys(first))))
            .isEqualTo(keys(first));
      }
      PublishedKeys.of(first.uri("/")).verified(later);
      try (BrokerProcess third = setup().start()) {
        String gone = kid(later);
        assertThat(Eventually.see(() -> keys(third), keys -> keys.contains(gone)))
            .contains(gone, kid(token));
      }
    }
  }

  @Test
  void a_replica_that_starts_without_the_store_waits_to_be_ready() {
    server.close();
    try (BrokerProcess broker = setup().start();
        BrokerClient client = broker.client()) {
      assertThat(ready(broker)).isEqualTo(503);
      assertThat(client.exchange(BrokerClient.exchangeOf(issuer.credential())).reason())
          .isEqualTo("SIGNING_KEY_UNAVAILABLE");

      server.start();

      assertThat(Eventually.see(() -> ready(broker), status -> status == 200)).isEqualTo(200);
    }
  }

  @Test
  void who_has_only_the_password_of_the_store_has_no_key_published() {
    try (BrokerProcess broker = setup().start()) {
      assertThat(Eventually.see(() -> ready(broker), status -> status == 200)).isEqualTo(200);
      String before = keys(broker);
      String log = server.admin("KEYS", "{token-broker:signing}*").getFirst();
      String entry = server.admin("ZRANGE", log, "0", "0").getFirst();

      // Again and again: the next announcement of the broker removes them, perhaps before it reads.
      String foreign =
          Eventually.see(
              () -> {
                server.admin("ZADD", log, "1900000000000000", "foreign");
                server.admin("ZADD", log, "1", entry.substring(0, entry.length() - 2) + "AA");
                return broker.lines().toString();
              },
              lines -> lines.contains("a value that no replica wrote"));
      assertThat(foreign).contains("a value that no replica wrote");
      assertThat(keys(broker)).isEqualTo(before);
    }
  }

  private static int ready(BrokerProcess broker) {
    return Http.status(broker.management("/q/health/ready"));
  }

  private static String keys(BrokerProcess broker) {
    return Http.get(broker.uri("/.well-known/jwks.json")).body();
  }

  private static String kid(String token) throws ParseException {
    return SignedJWT.parse(token).getHeader().getKeyID();
  }

  private String token(BrokerClient client) {
    return Eventually.see(
            () -> client.exchange(BrokerClient.exchangeOf(issuer.credential())),
            answer -> answer.reason().isEmpty())
        .granted()
        .getAccessToken();
  }

  private BrokerProcess.Setup setup() {
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(
                Documents.write(directory, Documents.granting("payments-api", issuer)))
            .with("token-broker.token.jwks-max-age", "1s")
            .with("token-broker.token.key-file-poll-interval", "1s")
            .with("token-broker.token.publish-before", "2s");
    return server.shared(setup, 1000);
  }
}
