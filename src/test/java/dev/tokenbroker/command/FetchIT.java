package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.ProducedArtifact.Ended;
import dev.tokenbroker.edges.edge.Artifact;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fetch} of the packed application, as processes, against a broker over TLS. */
class FetchIT {

  /** A JVM takes far more memory than an executable. */
  private static final int AT_ONCE = Artifact.built().isNative() ? 50 : 8;

  private static final int KILLS =
      Integer.getInteger("fetch.kills", Artifact.built().isNative() ? 100 : 8);

  /** About how long a process lives, for the moments at which it is killed. */
  private static final Duration LIFE = Duration.ofMillis(Artifact.built().isNative() ? 60 : 900);

  @TempDir private static Path directory;
  private static Samples samples;
  @AutoClose private static BrokerProcess broker;

  @TempDir private Path cache;

  @BeforeAll
  static void serve() {
    samples = Samples.in(directory);
    TestTls tls = TestTls.generate();
    tls.writePair(directory, "broker", "localhost");
    tls.writeRoot(directory);
    samples.write(
        "served/github.yaml", Samples.GOOD.replace("jwks.json", samples.path("jwks.json")));
    broker =
        new BrokerProcess.Setup(directory.resolve("served"))
            .with("quarkus.tls.key-store.pem.0.cert", samples.path("broker.crt"))
            .with("quarkus.tls.key-store.pem.0.key", samples.path("broker.key"))
            .start();
  }

  @BeforeEach
  void write() {
    samples.write("ci.jwt", Samples.credential().sign() + "\n");
  }

  @Test
  void prints_a_token_of_the_broker_and_keeps_it() throws IOException {
    Ended first = fetch("--audience", "payments-api");

    assertThat(first.err()).isEmpty();
    assertThat(first.code()).isZero();
    assertThat(first.out()).matches("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
    assertThat(fetch("--audience", "payments-api")).isEqualTo(first);
    try (Stream<Path> kept = Files.list(cache.resolve("token-broker"))) {
      assertThat(kept.filter(file -> file.toString().endsWith(".token"))).hasSize(1);
    }
  }

  @Test
  void processes_that_start_at_once_print_one_token() {
    List<Process> all = new ArrayList<>();
    for (int n = 0; n < AT_ONCE; n++) {
      all.add(start("--audience", "payments-api"));
    }
    List<Ended> ended = all.stream().map(ProducedArtifact::end).toList();

    assertThat(ended).extracting(Ended::code).containsOnly(0);
    assertThat(ended.stream().map(Ended::out).distinct()).hasSize(1);
  }

  @Test
  void a_process_that_is_killed_leaves_no_lock_and_no_torn_token() throws Exception {
    Random moments = new Random(1);
    fetch("--audience", "payments-api");
    for (int kill = 0; kill < KILLS; kill++) {
      if (kill % 2 == 0) {
        Files.delete(kept());
      }
      Process process = start("--audience", "payments-api");
      process.waitFor(moments.nextLong(LIFE.toNanos()), TimeUnit.NANOSECONDS);
      process.destroyForcibly().waitFor();
      Ended whole = fetch("--audience", "payments-api");
      assertThat(whole.code()).as("after kill %d: %s", kill, whole.err()).isZero();
      assertThat(whole.out()).matches("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
      assertThat(Files.readString(kept())).contains(whole.out().strip());
    }
  }

  private Path kept() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("token-broker"))) {
      return files.filter(file -> file.toString().endsWith(".token")).findFirst().orElseThrow();
    }
  }

  @Test
  void tells_what_the_broker_refuses_in_one_line() {
    Ended ended = fetch("--audience", "none");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .matches("token-broker: TARGET_UNKNOWN: .* \\(verdict [0-9a-f]{32}\\)\n");
  }

  @Test
  void takes_no_token_from_a_broker_that_it_does_not_trust() {
    Ended ended =
        ProducedArtifact.end(
            ProducedArtifact.startBy(
                "XDG_CACHE_HOME=" + cache + " exec \"$@\"",
                List.of(
                    "fetch",
                    "--broker",
                    url(),
                    "--audience",
                    "payments-api",
                    "--credential",
                    "file:" + samples.path("ci.jwt"))));

    assertThat(ended.code()).isEqualTo(76);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("cannot be trusted").hasLineCount(1);
  }

  private Ended fetch(String... options) {
    return ProducedArtifact.end(start(options));
  }

  private Process start(String... options) {
    return ProducedArtifact.startBy(
        "XDG_CACHE_HOME=" + cache + " exec \"$@\"",
        Stream.concat(
                Stream.of(
                    "fetch",
                    "--broker",
                    url(),
                    "--ca-file",
                    samples.path("test-root.pem"),
                    "--credential",
                    "file:" + samples.path("ci.jwt")),
                Stream.of(options))
            .toList());
  }

  private static String url() {
    return "https://localhost:" + broker.tlsPort();
  }
}
