package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Revoked tokens stay so over a restart, whatever becomes of the file and of the keys meanwhile.
 */
@Tag("packaged")
class RevocationIT {

  private static final String NOT_ACTIVE = "{\"active\":false}";

  @TempDir Path directory;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private Path federation;
  private Path store;

  @BeforeEach
  void write() {
    federation =
        Documents.write(
            directory,
            Documents.granting("payments-api", issuer)
                .replace(
                    "rules:",
                    "rules:\n  - {name: services, issuer: good, audience: token-broker,"
                        + " when: 'true', scopes: [introspect, revoke]}"));
    store = directory.resolve("revocations");
  }

  @Test
  void a_revocation_survives_a_kill_and_a_restart_with_another_key() throws Exception {
    Path old = key("old.json");
    String kept;
    String revoked;
    String service;
    try (BrokerProcess broker = setup(old).start();
        BrokerClient client = broker.client()) {
      kept = token(client, "payments-api");
      revoked = token(client, "payments-api");
      service = token(client, "token-broker");
      assertThat(introspected(broker, service, revoked)).contains("\"active\":true");
      assertThat(
              Http.post(broker.uri("/revoke"), "token=" + revoked, "Authorization", bearer(service))
                  .statusCode())
          .isEqualTo(200);
      assertThat(introspected(broker, service, revoked)).isEqualTo(NOT_ACTIVE);

      // What another broker would find.
      try (FileChannel lock =
          FileChannel.open(
              store.resolveSibling(store.getFileName() + ".lock"), StandardOpenOption.WRITE)) {
        assertThat(lock.tryLock()).isNull();
      }
    } // which kills it
    Files.writeString(store, "cut sho", StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
    Path fresh = key("new.json");
    try (BrokerProcess broker =
            setup(fresh, old)
                .with("token-broker.token.publish-before", "1s")
                .with("token-broker.token.jwks-max-age", "0s")
                .with("token-broker.token.key-file-poll-interval", "100ms")
                .start();
        BrokerClient client = broker.client()) {
      broker.awaitLine(line -> line.contains("the last line was cut short"));
      assertThat(introspected(broker, service, revoked)).isEqualTo(NOT_ACTIVE);
      assertThat(introspected(broker, service, kept)).contains("\"active\":true");

      String byNew =
          Eventually.see(
              () -> token(client, "payments-api"), token -> !kid(token).equals(kid(kept)));

      assertThat(introspected(broker, service, byNew)).contains("\"active\":true");
      assertThat(introspected(broker, service, kept)).contains("\"active\":true");
      assertThat(introspected(broker, service, revoked)).isEqualTo(NOT_ACTIVE);
    }
  }

  private BrokerProcess.Setup setup(Path... keys) {
    return new BrokerProcess.Setup(federation)
        .with("token-broker.revocation.path", store.toString())
        .with(
            "token-broker.token.key-files",
            String.join(",", List.of(keys).stream().map(Path::toString).toList()));
  }

  private Path key(String name) throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
    return Files.writeString(directory.resolve(name), key.toJSONString());
  }

  private String token(BrokerClient client, String audience) {
    return client.accessToken(BrokerClient.exchangeOf(audience, issuer.credential()));
  }

  private static String introspected(BrokerProcess broker, String service, String token) {
    return Http.post(broker.uri("/introspect"), "token=" + token, "Authorization", bearer(service))
        .body();
  }

  private static String bearer(String token) {
    return "Bearer " + token;
  }

  private static String kid(String token) {
    return Unchecked.get(() -> SignedJWT.parse(token).getHeader().getKeyID());
  }
}
