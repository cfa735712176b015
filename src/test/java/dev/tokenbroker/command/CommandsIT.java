package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.ProducedArtifact.Ended;
import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.outbound.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the packed application as processes, with and without a broker that runs. */
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

  @TempDir static Path directory;
  private static Samples samples;
  private static BrokerProcess broker;
  private static BrokerProcess secured;
  private static String plain;
  private static String tls;

  @BeforeAll
  static void serve() {
    samples = Samples.in(directory);
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "broker", "broker.example", "localhost");
    authority.writeRoot(directory);
    for (String name : List.of("good.yaml", "jwks.json", "ci.jwt", "test-root.pem")) {
      samples.write("locked-" + name, samples.read(name));
      samples.lock("locked-" + name);
    }
    samples.write("closed/team.yaml", Samples.GOOD);
    samples.lock("closed");
    Path federation = Path.of(samples.write("served.yaml", Samples.GOOD + OPERATORS));
    broker = new BrokerProcess.Setup(federation).start();
    secured =
        new BrokerProcess.Setup(federation)
            .with("quarkus.tls.key-store.pem.0.cert", samples.path("broker.crt"))
            .with("quarkus.tls.key-store.pem.0.key", samples.path("broker.key"))
            .start();
    plain = "localhost:" + broker.grpcPort();
    tls = "localhost:" + secured.grpcPort();
  }

  @AfterAll
  static void stop() {
    broker.close();
    secured.close();
  }

  @Test
  void version_says_which_build_this_is_and_nothing_else() {
    assertThat(ProducedArtifact.run("", "version").out())
        .matches("token-broker \\d+\\.\\d+\\.\\d+.*\n");
    assertThat(ProducedArtifact.run("", "version"))
        .extracting(Ended::code, Ended::err)
        .containsExactly(0, "");
  }

  @Test
  void check_says_good_and_bad_without_any_noise() {
    Ended good = ProducedArtifact.run("", "check", samples.path("good.yaml"));
    Ended bad = ProducedArtifact.run("", "check", samples.path("bad.yaml"));

    assertThat(good.code()).isZero();
    assertThat(good.err()).isEmpty();
    assertThat(good.out()).startsWith(samples.path("good.yaml") + ": good: ");
    assertThat(bad.code()).isEqualTo(1);
    assertThat(bad.out()).isEmpty();
    assertThat(bad.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith(samples.path("bad.yaml") + ":"));
  }

  @Test
  void explain_judges_offline_what_comes_on_standard_input() {
    String credential = Samples.credential().sign();

    Ended ended = ProducedArtifact.run(credential + "\n", offline("-", "--tree"));

    assertThat(ended.code()).isZero();
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).startsWith("accepted\n").contains("✓ signature").doesNotContain("eyJ");
  }

  @Test
  void explain_judges_by_the_settings_of_the_environment() {
    Process process =
        ProducedArtifact.startBy(
            "TOKEN_BROKER_CREDENTIAL_MAX_SIZE=7 exec \"$@\"",
            List.of(offline(samples.path("ci.jwt"))));

    assertThat(ProducedArtifact.end(process))
        .extracting(Ended::code, Ended::err)
        .containsExactly(
            78,
            "token-broker: a setting is wrong: token-broker.credential.max-size is 7. Set it to 1024 at"
                + " least and 65536 at most.\n");
  }

  @Test
  void explain_fetches_keys_offline_with_the_tls_configuration_that_the_document_names() {
    try (FakeIssuer issuer = FakeIssuer.startTls()) {
      String document =
          samples.write(
              "fetched.yaml",
              Samples.GOOD
                  .replace("https://issuer.example", issuer.issuer())
                  .replace("https://broker.example", FakeIssuer.AUDIENCE)
                  .replace("jwksFile: jwks.json", "tls: corp"));
      String root = issuer.tls().writeRoot(directory.resolve("teams")).toString();
      String[] args = {
        "explain", "--federation", document, "--credential", "-", "--audience", "payments-api"
      };

      Ended trusted =
          ProducedArtifact.run(
              Map.of("quarkus.tls.corp.trust-store.pem.certs", root), issuer.credential(), args);
      Ended untrusted = ProducedArtifact.run(issuer.credential(), args);
      Ended broken =
          ProducedArtifact.run(
              Map.of("quarkus.tls.corp.trust-store.pem.certs", "/none.pem"),
              issuer.credential(),
              args);

      assertThat(trusted.out()).contains("\"outcome\" : \"accepted\"");
      assertThat(untrusted.out()).contains("ISSUER_TLS_UNTRUSTED");
      assertThat(broken.code()).isEqualTo(78);
      assertThat(broken.err()).hasLineCount(1).startsWith("token-broker: a setting is wrong: ");
    }
  }

  @Test
  void explain_has_a_running_broker_judge() {
    assertThat(ProducedArtifact.run("", online(plain, samples.path("fork.jwt"))))
        .satisfies(
            ended ->
                assertThat(ended.out()).contains("NO_RULE_MATCHED").doesNotContain("rule deploy"))
        .extracting(Ended::code, Ended::err)
        .containsExactly(1, "");
  }

  @Test
  void explain_shows_all_to_an_operator() {
    String operator = samples.write("operator.jwt", operatorsToken() + "\n");

    Ended ended =
        ProducedArtifact.run(
            "", online(plain, samples.path("fork.jwt"), "--authorization-file", operator));

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).contains("rule deploy-payments does not hold");
  }

  @Test
  void explain_calls_by_tls_whom_a_private_authority_vouches_for() {
    Ended ended =
        ProducedArtifact.run(
            "", online(tls, samples.path("ci.jwt"), "--ca-file", samples.path("test-root.pem")));

    assertThat(ended.code()).isZero();
    assertThat(ended.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--tls", "--ca-file ROOT --server-name other.example"})
  void explain_sends_nothing_to_whom_it_cannot_trust(String options) {
    String[] more = options.replace("ROOT", samples.path("test-root.pem")).split(" ");

    Ended ended = ProducedArtifact.run("", online(tls, samples.path("ci.jwt"), more));

    assertThat(ended.code()).isEqualTo(69);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).hasLineCount(1).startsWith("token-broker: the broker at localhost:");
  }

  @Test
  void explain_says_that_no_broker_is_there() throws IOException {
    // Taken, so that nobody else gets it, and not listened at.
    try (Socket taken = new Socket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String address = "localhost:" + taken.getLocalPort();

      assertThat(ProducedArtifact.run("", online(address, samples.path("ci.jwt"))))
          .isEqualTo(
              new Ended(
                  69,
                  "",
                  "token-broker: the broker at %s cannot be reached over gRPC: the connection was refused\n"
                      .formatted(address)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "ready", "started"})
  void health_says_that_it_is_well(String state) {
    assertThat(ProducedArtifact.run("", health("localhost:" + broker.managementPort(), state)))
        .isEqualTo(new Ended(0, state + "\n", ""));
    assertThat(ProducedArtifact.run("", byTls("localhost:" + secured.tlsPort(), state)))
        .isEqualTo(new Ended(0, state + "\n", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenbroker.v1.TokenBroker", "live"})
  void health_says_by_grpc_that_a_service_is_well(String service) {
    assertThat(ProducedArtifact.run("", health(plain, "--service", service)))
        .isEqualTo(new Ended(0, "SERVING\n", ""));
    assertThat(ProducedArtifact.run("", byTls(tls, "--service", service)))
        .isEqualTo(new Ended(0, "SERVING\n", ""));
  }

  private static String[] byTls(String address, String... question) {
    Stream<String> trust =
        Stream.of("--ca-file", samples.path("test-root.pem"), "--server-name", "broker.example");
    return health(address, Stream.concat(trust, Stream.of(question)).toArray(String[]::new));
  }

  /** The command with more time than its default, which a JVM may need to start. */
  private static String[] health(String address, String... question) {
    Stream<String> call = Stream.of("health", "--address", address, "--timeout", "20s");
    return Stream.concat(call, Stream.of(question)).toArray(String[]::new);
  }

  @Test
  void health_fails_with_1_for_an_unknown_service() {
    assertThat(ProducedArtifact.run("", health(plain, "--service", "none")))
        .isEqualTo(new Ended(1, "", "token-broker: the broker has no service none\n"));
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
  void explain_tells_in_one_line_of_a_document_that_it_may_not_read() {
    String document = samples.path("locked-good.yaml");

    assertThat(
            ProducedArtifact.runBoundByPermissions(
                explain(
                    Stream.of("--federation", document, "--credential", samples.path("ci.jwt")))))
        .isEqualTo(
            new Ended(
                66,
                "",
                document
                    + ": the file cannot be read: access is denied. Give a readable UTF-8 file of at"
                    + " most 1 MiB.\n"));
  }

  @Test
  void explain_tells_in_one_line_of_a_credential_that_it_may_not_read() {
    assertThat(ProducedArtifact.runBoundByPermissions(offline(samples.path("locked-ci.jwt"))))
        .isEqualTo(
            new Ended(66, "", "token-broker: the credential cannot be read: access is denied\n"));
  }

  @Test
  void health_fails_with_1_where_it_may_not_read_whom_to_trust() {
    String authorities = samples.path("locked-test-root.pem");

    assertThat(
            ProducedArtifact.runBoundByPermissions(
                "health", "--address", tls, "--ca-file", authorities))
        .isEqualTo(
            new Ended(
                1, "", "token-broker: the file of --ca-file cannot be read: access is denied\n"));
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
    try (BrokerClient client = BrokerClient.plaintext(broker.grpcPort())) {
      return client
          .exchange(
              ExchangeTokenRequest.newBuilder()
                  .setAudience("token-broker")
                  .setSubjectToken(Samples.credential().sign())
                  .build())
          .granted()
          .getAccessToken();
    }
  }

  private static String[] offline(String credential, String... more) {
    return explain(
        Stream.of("--federation", samples.path("good.yaml"), "--credential", credential), more);
  }

  private static String[] online(String address, String credential, String... more) {
    return explain(Stream.of("--broker", address, "--credential", credential), more);
  }

  private static String[] explain(Stream<String> judge, String... more) {
    return Stream.of(Stream.of("explain", "--audience", "payments-api"), judge, Stream.of(more))
        .flatMap(args -> args)
        .toArray(String[]::new);
  }
}
