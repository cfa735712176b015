package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.ProducedArtifact.Ended;
import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.outbound.FakeServer;
import dev.tokenbroker.outbound.FakeServer.Reply;
import dev.tokenbroker.outbound.TestTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code doctor} of the packed application, as a process, with a broker and without. */
class DoctorIT {

  private static final String TRUST = "quarkus.tls.corp.trust-store.pem.certs";

  @TempDir static Path trusted;
  private static String root;

  @TempDir Path directory;

  @BeforeAll
  static void trust() {
    root = DoctorBench.AUTHORITY.writeRoot(trusted).toString();
  }

  @Test
  void finds_nothing_in_a_healthy_setup_with_a_broker() {
    DoctorBench bench = new DoctorBench(directory);
    try (FakeServer server = bench.start()) {
      String origin = DoctorBench.origin(server);
      Path federation = Path.of(bench.line(origin).get(2));
      try (BrokerProcess broker = new BrokerProcess.Setup(federation).with(TRUST, root).start()) {
        bench.args("--broker", "localhost:" + broker.grpcPort());
        bench.args("--broker-http", "localhost:" + broker.port(), "--timeout", "20s");
        bench.args("--credential", "-", "--audience", "payments-api", "--fail-on", "warning");

        Ended ended = run(bench, origin, DoctorBench.credential(origin).sign());

        assertThat(ended.err()).isEmpty();
        assertThat(ended.out())
            .contains("√ a token is issued: Bearer", "√ the broker publishes its signing keys")
            .contains("√ a credential with a broken signature is refused: SIGNATURE_INVALID")
            .contains(" 0 warnings, 0 failed, ")
            .doesNotContain("eyJ");
        assertThat(ended.code()).isZero();
      }
    }
  }

  record Broken(String code, Consumer<DoctorBench> breaking) {
    @Override
    public String toString() {
      return code;
    }
  }

  static List<Broken> broken() {
    return List.of(
        new Broken("ISSUER_CLIENT_CERTIFICATE_WANTED", DoctorBench::mutual),
        new Broken(
            "TLS_CERTIFICATE_EXPIRED",
            bench ->
                bench.certificate(
                    DoctorBench.certificate(Duration.ofDays(-9), Duration.ofDays(-2)))),
        new Broken(
            "UPSTREAM_TLS_UNTRUSTED",
            bench -> bench.certificate(TestTls.generate().server("127.0.0.1"))),
        new Broken("KEYS_INVALID", bench -> bench.answer(DoctorBench.JWKS, DoctorBench.page(200))),
        new Broken(
            "UPSTREAM_ANSWER_MALFORMED",
            bench ->
                bench.answer(DoctorBench.TOKEN, Reply.of(302, Map.of("Location", "/login"), ""))),
        new Broken(
            "HOST_UNRESOLVED",
            bench ->
                bench.document(
                    text ->
                        text.replaceFirst("issuer: ORIGIN", "issuer: https://" + "a".repeat(64)))));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void names_a_defect_and_ends_with_1(Broken broken) {
    DoctorBench bench = new DoctorBench(directory).args("-o", "junit");
    broken.breaking().accept(bench);
    try (FakeServer server = bench.start()) {
      Ended ended = run(bench, DoctorBench.origin(server), "");

      assertThat(ended.err()).isEmpty();
      assertThat(ended.out()).contains("message=\"" + broken.code() + ": ");
      assertThat(ended.code()).isEqualTo(1);
    }
  }

  @Test
  void names_an_authority_of_the_trust_store_that_has_expired() {
    TestTls expired = TestTls.generateExpired();
    DoctorBench bench =
        new DoctorBench(directory).certificate(expired.server("127.0.0.1")).args("-o", "json");
    try (FakeServer server = bench.start()) {
      Ended ended =
          ProducedArtifact.run(
              Map.of(TRUST, expired.writeRoot(directory).toString()),
              "",
              bench.line(DoctorBench.origin(server)).toArray(String[]::new));

      // The server sends the authority along, so its end is seen.
      assertThat(ended.out()).contains("TLS_CERTIFICATE_EXPIRED", "Expired Root");
      assertThat(ended.code()).isEqualTo(1);
    }
  }

  @Test
  void speaks_tls_to_a_server_that_speaks_none() {
    byte[] http = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII);
    try (RawPeer peer = RawPeer.start(_ -> http)) {
      Ended ended = run(new DoctorBench(directory).args("-o", "json"), peer.origin(), "");

      assertThat(ended.out()).contains("\"TLS_PLAIN_HTTP\"");
      assertThat(ended.code()).isEqualTo(1);
    }
  }

  private static Ended run(DoctorBench bench, String origin, String typed) {
    return ProducedArtifact.run(
        Map.of(TRUST, root), typed, bench.line(origin).toArray(String[]::new));
  }
}
