package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.ProducedArtifact.Ended;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.process.runtime.Unchecked;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of the packed application as processes, with and without a broker that runs: each of
 * them once, and what depends on the process.
 */
class CommandsIT {

  private static final String OPERATORS =
      """
        - name: operate
          issuer: github
          audience: token-broker
          when: claims.repository == "acme/payments"
          subject: claims.repository
          scopes: [operate]
      """;

  private static final String TRUST = "quarkus.tls.corp.trust-store.pem.certs";

  @TempDir static Path directory;
  private static Samples samples;
  private static DoctorBench bench;
  @AutoClose private static FakeServer corp;
  @AutoClose private static BrokerProcess broker;
  private static String grpc;

  @BeforeAll
  static void serve() throws IOException {
    samples = Samples.in(directory);
    DoctorBench.AUTHORITY.writePair(directory, "broker", "broker.example", "localhost");
    DoctorBench.AUTHORITY.writeRoot(directory);
    for (String name : List.of("good.yaml", "jwks.json", "ci.jwt")) {
      samples.write("locked-" + name, samples.read(name));
      samples.lock("locked-" + name);
    }
    samples.write("closed/team.yaml", Samples.GOOD);
    samples.lock("closed");
    String document = (Samples.GOOD + OPERATORS).replace("jwks.json", samples.path("jwks.json"));
    samples.write("served/github.yaml", document);
    String candidate = samples.write("next.yaml", document.replace("[deploy, read]", "[read]"));
    Path served = directory.resolve("served");
    bench = new DoctorBench(served).document(text -> text.replace("payments-api", "invoices"));
    corp = bench.start();
    bench.line(DoctorBench.origin(corp));
    broker =
        new BrokerProcess.Setup(served)
            .with(TRUST, samples.path("test-root.pem"))
            .with("token-broker.federation.candidate-path", candidate)
            .with("quarkus.tls.key-store.pem.0.cert", samples.path("broker.crt"))
            .with("quarkus.tls.key-store.pem.0.key", samples.path("broker.key"))
            .start();
    grpc = "localhost:" + broker.grpcPort();
  }

  @Test
  void version_says_which_build_this_is_and_nothing_else() {
    Ended version = ProducedArtifact.run("", "version");

    assertThat(version.out()).matches("token-broker \\d+\\.\\d+\\.\\d+.*\n");
    assertThat(version).extracting(Ended::code, Ended::err).containsExactly(0, "");
  }

  @Test
  void check_says_good_and_bad_without_any_noise() {
    Ended ended =
        ProducedArtifact.run("", "check", samples.path("good.yaml"), samples.path("bad.yaml"));

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).startsWith(samples.path("good.yaml") + ": good: ").hasLineCount(1);
    assertThat(ended.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith(samples.path("bad.yaml") + ":"));
  }

  @Test
  void explain_judges_standard_input_offline_by_the_environment() throws IOException {
    try (FakeIssuer issuer = FakeIssuer.startTls()) {
      String document =
          samples.write(
              "fetched.yaml",
              Samples.GOOD
                  .replace("https://issuer.example", issuer.issuer())
                  .replace("https://broker.example", FakeIssuer.AUDIENCE)
                  .replace("jwksFile: jwks.json", "tls: corp"));
      Path root = issuer.tls().writeRoot(directory.resolve("teams"));
      Process process =
          ProducedArtifact.startBy(
              "QUARKUS_TLS_CORP_TRUST_STORE_PEM_CERTS=" + root + " exec \"$@\"",
              List.of(explain(Stream.of("--federation", document, "--credential", "-"), "--tree")));
      process.outputWriter().append(issuer.credential() + "\n").close();

      Ended ended = ProducedArtifact.end(process);

      assertThat(ended.err()).isEmpty();
      assertThat(ended.out())
          .startsWith("accepted\n")
          .contains("✓ signature")
          .doesNotContain("eyJ");
      assertThat(ended.code()).isZero();
    }
  }

  @Test
  void explain_asks_a_running_broker_and_shows_all_to_an_operator() {
    String operator = samples.write("operator.jwt", operatorsToken() + "\n");
    String fork = samples.path("fork.jwt");

    Ended ended = ProducedArtifact.run("", online(fork, "--authorization-file", operator));

    assertThat(ended).extracting(Ended::code, Ended::err).containsExactly(1, "");
    assertThat(ended.out()).contains("NO_RULE_MATCHED", "rule deploy-payments does not hold");
  }

  @Test
  void candidate_shows_an_operator_the_entries_that_differ() {
    String operator = samples.write("reader.jwt", operatorsToken() + "\n");

    Ended ended =
        ProducedArtifact.run(
            "",
            "candidate",
            "--broker",
            "localhost:" + broker.tlsPort(),
            "--timeout",
            "20s",
            "--ca-file",
            samples.path("test-root.pem"),
            "--authorization-file",
            operator);

    assertThat(ended).extracting(Ended::code, Ended::err).containsExactly(0, "");
    assertThat(ended.out())
        .contains(
            "compared   10 % of exchanges", " entries differ", "~ rule deploy-payments changed");
  }

  @Test
  void health_says_over_http_and_grpc_that_it_is_well() {
    assertThat(ProducedArtifact.run("", health("localhost:" + broker.tlsPort(), "ready")))
        .isEqualTo(new Ended(0, "ready\n", ""));
    assertThat(ProducedArtifact.run("", health(grpc, "--service", "live")))
        .isEqualTo(new Ended(0, "SERVING\n", ""));
  }

  @Test
  void doctor_finds_nothing_in_a_healthy_setup_with_a_broker() {
    String origin = DoctorBench.origin(corp);
    bench.args("--broker", grpc, "--broker-http", "localhost:" + broker.tlsPort());
    bench.args("--ca-file", samples.path("test-root.pem"), "--timeout", "20s");
    bench.args("--credential", "-", "--audience", "invoices", "--fail-on", "warning");

    Ended ended =
        ProducedArtifact.run(
            Map.of(TRUST, samples.path("test-root.pem")),
            DoctorBench.credential(origin).sign(),
            bench.line(origin).toArray(String[]::new));

    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .contains("✓ a token is issued: Bearer", "✓ the broker publishes its signing keys")
        .contains(" 0 warnings, 0 failed, ")
        .doesNotContain("eyJ");
    assertThat(ended.code()).isZero();
  }

  /** The command with more time than its default, which a JVM may need to start. */
  private static String[] health(String address, String... question) {
    Stream<String> call =
        Stream.of(
            "health",
            "--address",
            address,
            "--timeout",
            "20s",
            "--ca-file",
            samples.path("test-root.pem"),
            "--server-name",
            "broker.example");
    return Stream.concat(call, Stream.of(question)).toArray(String[]::new);
  }

  @Test
  void check_tells_of_each_file_that_it_may_not_read_in_one_line() {
    String document = samples.path("locked-good.yaml");
    String keys = samples.path("locked-jwks.json");
    String naming = samples.write("naming.yaml", Samples.GOOD.replace("jwks.json", keys));
    String directory = samples.path("closed");

    assertThat(ProducedArtifact.runBoundByPermissions("check", document, naming, directory))
        .isEqualTo(
            new Ended(
                1,
                "",
                """
                %s: the file cannot be read: access is denied. Give a readable UTF-8 file of at most 1 MiB.
                %s:5: 'jwksFile' %s cannot be read: access is denied. Give the path of a readable file of at \
                most 256 KiB; relative ones begin at the document's directory.
                %s: the file cannot be read: access is denied. Give a readable UTF-8 file of at most 1 MiB.
                """
                    .formatted(document, naming, keys, directory)));
  }

  @Test
  void explain_reports_an_unreadable_credential_in_one_line() {
    assertThat(ProducedArtifact.runBoundByPermissions(offline(samples.path("locked-ci.jwt"))))
        .isEqualTo(
            new Ended(66, "", "token-broker: the credential cannot be read: access is denied\n"));
  }

  @Test
  void closed_standard_input_is_told_in_one_line() {
    Ended ended =
        ProducedArtifact.end(ProducedArtifact.startBy("exec \"$@\" <&-", List.of(offline("-"))));

    assertThat(ended)
        .isEqualTo(
            new Ended(
                66,
                "",
                "token-broker: the credential cannot be read: the input is closed or failed\n"));
  }

  @Test
  void output_that_cannot_be_written_is_told_in_one_line() {
    Process full = ProducedArtifact.startBy("exec \"$@\" >/dev/full", List.of("version"));

    assertThat(ProducedArtifact.end(full))
        .isEqualTo(new Ended(74, "", "token-broker: the output could not be written\n"));
  }

  @Test
  void an_interrupt_ends_it_with_one_line() throws Exception {
    Process waiting = ProducedArtifact.start(Map.of(), List.of(offline("-")));
    // More than a pipe holds: it has been written once the command is there and reads.
    OutputStream typed = waiting.getOutputStream();
    typed.write(new byte[70_000]);
    typed.flush();

    assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(waiting.pid())).start().waitFor())
        .isZero();

    assertThat(ProducedArtifact.end(waiting))
        .isEqualTo(new Ended(130, "", "token-broker: interrupted\n"));
  }

  private static String operatorsToken() {
    try (BrokerClient client = BrokerClient.over(channel())) {
      return client.accessToken(
          BrokerClient.exchangeOf("token-broker", Samples.credential().sign()));
    }
  }

  private static ManagedChannel channel() {
    return Unchecked.get(
        () ->
            Grpc.newChannelBuilder(
                    grpc,
                    TlsChannelCredentials.newBuilder()
                        .trustManager(directory.resolve("test-root.pem").toFile())
                        .build())
                .build());
  }

  private static String[] offline(String credential, String... more) {
    return explain(
        Stream.of("--federation", samples.path("good.yaml"), "--credential", credential), more);
  }

  private static String[] online(String credential, String... more) {
    String root = samples.path("test-root.pem");
    return explain(
        Stream.of("--broker", grpc, "--credential", credential, "--ca-file", root), more);
  }

  private static String[] explain(Stream<String> judge, String... more) {
    return Stream.of(Stream.of("explain", "--audience", "payments-api"), judge, Stream.of(more))
        .flatMap(args -> args)
        .toArray(String[]::new);
  }
}
