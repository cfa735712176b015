package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.ProducedArtifact.Ended;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.trust.TestTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code doctor} of the packed application, as a process, without a broker. */
@Tag("packaged")
class DoctorIT {

  private static final String TRUST = "quarkus.tls.corp.trust-store.pem.certs";

  @TempDir static Path trusted;
  private static String root;

  @TempDir Path directory;

  @BeforeAll
  static void trust() {
    root = DoctorBench.AUTHORITY.writeRoot(trusted).toString();
    // The first handshakes of a JVM may take longer than doctor waits.
    new DoctorBench(trusted).run();
  }

  record Broken(List<String> codes, Consumer<DoctorBench> breaking) {
    @Override
    public String toString() {
      return codes.toString();
    }
  }

  static List<Broken> broken() {
    return List.of(
        new Broken(List.of("ISSUER_CLIENT_CERTIFICATE_WANTED"), DoctorBench::mutual),
        new Broken(
            List.of("HOST_UNRESOLVED", "UPSTREAM_TLS_UNTRUSTED"),
            bench ->
                bench
                    .certificate(TestTls.generate().server("127.0.0.1"))
                    .document(
                        text ->
                            text.replaceFirst(
                                "issuer: ORIGIN", "issuer: https://" + "a".repeat(64)))));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void names_each_defect_and_ends_with_1(Broken broken) {
    DoctorBench bench = new DoctorBench(directory).args("-o", "junit");
    broken.breaking().accept(bench);
    try (FakeServer server = bench.start()) {
      Ended ended = run(bench, server, root);

      assertThat(ended.err()).isEmpty();
      assertThat(broken.codes())
          .allSatisfy(code -> assertThat(ended.out()).contains("message=\"" + code + ": "));
      assertThat(ended.code()).isEqualTo(1);
    }
  }

  @Test
  void names_an_authority_of_the_trust_store_that_has_expired() {
    TestTls expired = TestTls.generateExpired();
    DoctorBench bench =
        new DoctorBench(directory).certificate(expired.server("127.0.0.1")).args("-o", "json");
    try (FakeServer server = bench.start()) {
      Ended ended = run(bench, server, expired.writeRoot(directory).toString());

      // The server sends the authority along, so its end is seen.
      assertThat(ended.out()).contains("TLS_CERTIFICATE_EXPIRED", "Expired Root");
      assertThat(ended.code()).isEqualTo(1);
    }
  }

  private static Ended run(DoctorBench bench, FakeServer server, String trusted) {
    List<String> line = bench.line(DoctorBench.origin(server));
    return ProducedArtifact.run(Map.of(TRUST, trusted), "", line.toArray(String[]::new));
  }
}
