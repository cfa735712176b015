package dev.tokenbroker.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.drill.DrilledBroker.Got;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.http.guard.RawConnection;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged broker among many faulty peers: each fault comes through both edges, and the broker
 * must name its cause and its remedy.
 */
@Tag("drill")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DrillIT {

  private static final List<Fault> FAULTS =
      Stream.of(
              CredentialFaults.all(),
              TextFaults.all(),
              RuleFaults.all(),
              ClientFaults.all(),
              ProofFaults.all(),
              KeyFaults.all(),
              FetchFaults.all(),
              TlsFaults.all(),
              UpstreamFaults.all(),
              AnswerFaults.all())
          .flatMap(List::stream)
          .toList();

  private static final OwnKey OWN_KEY = new OwnKey();

  private static final Map<Fault, Scene> SCENES = new LinkedHashMap<>();
  private static final AlertTrial TRIAL = new AlertTrial();
  private static final SelectingAlerts ALERTS = new SelectingAlerts();

  @TempDir static Path directory;

  // All are there before the faults.
  @SuppressWarnings("NullAway.Init")
  private static DrillIssuer good;

  @SuppressWarnings("NullAway.Init")
  private static Scene.Stage stage;

  @SuppressWarnings("NullAway.Init")
  private static DrilledBroker broker;

  @BeforeAll
  static void start() throws IOException {
    TestTls authority = TestTls.generate();
    TestTls expired = TestTls.generateExpired();
    good = DrillIssuer.start(authority.server("localhost"));
    stage = new Scene.Stage(authority, TestTls.generate(), expired, good, directory);
    for (Fault fault : FAULTS) {
      Scene scene = new Scene(fault.slug(), stage);
      fault.injection.accept(scene);
      assertThat(SCENES.put(fault, scene)).isNull();
    }
    Files.writeString(directory.resolve("secret"), Scene.SECRET);
    Path federation =
        Files.writeString(
            directory.resolve("federation.yaml"), DrillFederation.of(good, SCENES.values()));
    DrillReport.begin();
    BrokerProcess process =
        new BrokerProcess.Setup(federation)
            .with("quarkus.tls.corp.trust-store.pem.certs", authority.writeRoot(directory) + "")
            .with(
                "quarkus.tls.expired.trust-store.pem.certs",
                Files.writeString(directory.resolve("expired.pem"), expired.rootPem()) + "")
            .with("token-broker.issuer.key-cool-down", "1s")
            .with("token-broker.token.key-files", OWN_KEY.write(directory) + "")
            .with("token-broker.token.key-file-poll-interval", "300ms")
            .with("token-broker.federation.poll-interval", "300ms")
            .with("token-broker.upstream.fetch-timeout", "5s")
            .with("token-broker.exchange.max-duration", "6s")
            .with("token-broker.upstream.guard.attempt-timeout", "1s")
            .with("token-broker.upstream.guard.max-attempts", "2")
            .with("token-broker.upstream.guard.back-off-base", "10ms")
            .start();
    broker = new DrilledBroker(process, good.credential().claim("sub", "operator").sign());
  }

  /** The one broker of the drill. */
  static DrilledBroker broker() {
    return broker;
  }

  @AfterAll
  static void stop() throws IOException {
    TRIAL.write(Path.of("target", "drill", "alerts.test.yml"));
    broker.close();
    SCENES.values().forEach(Scene::close);
    good.close();
  }

  @TestFactory
  @Order(1)
  Stream<DynamicTest> refuses_the_request_with() {
    return RequestFaults.all().stream()
        .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> answered(fault)));
  }

  private static void answered(RequestFaults.RawFault fault) {
    try (RawConnection connection = new RawConnection(broker.process().uri("/"))) {
      connection.send(fault.bytes());
      assertThat(connection.statuses()).isEqualTo(fault.statuses());
    }
  }

  @TestFactory
  @Order(1)
  Stream<DynamicTest> tells_a_caller_at_the_wrong_port() {
    return ListenerDrill.all().stream()
        .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> told(fault)));
  }

  private static void told(ListenerDrill.WrongPort fault) {
    int port =
        switch (fault.port()) {
          case "http" -> broker.process().port();
          case "grpc" -> broker.process().grpcPort();
          default -> broker.process().managementPort();
        };
    try (RawConnection connection =
        new RawConnection(java.net.URI.create("http://127.0.0.1:" + port))) {
      String rest = connection.send(fault.bytes()).rest();
      assertThat(rest).contains(fault.told());
      if (fault.told().isEmpty()) {
        assertThat(rest).isBlank();
      }
    }
    assertThat(broker.meters()).anyMatch(line -> line.matches(fault.meter()));
    broker.process().awaitLine(line -> line.matches(fault.log()));
  }

  @TestFactory
  @Order(2)
  Stream<DynamicTest> names_the_cause_and_the_remedy_of() {
    return SCENES.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey().name, () -> drill(entry.getKey(), entry.getValue())));
  }

  private static void drill(Fault fault, Scene scene) {
    Runnable change = scene.change();
    if (change != null) {
      assertThat(broker.call(Fault.Edge.GRPC, scene)).extracting(Got::reason).isEqualTo("");
      change.run();
    }
    Supplier<String> pioneer = scene.pioneer();
    if (pioneer != null) {
      Scene caller = new Scene(scene.slug(), scene.stage()).with(pioneer);
      Eventually.until(() -> broker.call(Fault.Edge.GRPC, caller), seen -> seen.reason().isEmpty());
    }
    FaultCheck check = new FaultCheck(broker, TRIAL, fault, scene);
    for (Fault.Edge edge : fault.edges) {
      check.answered(edge, call(fault, scene, edge));
    }
    if (fault.isOfPeerOrBroker()) {
      check.counted();
    }
    if (fault.isOfPeerOrBroker() || !fault.log.isEmpty()) {
      check.logged();
    }
    check.end();
  }

  private static Got call(Fault fault, Scene scene, Fault.Edge edge) {
    return scene.change() != null || fault.settles
        ? Eventually.see(() -> broker.call(edge, scene), seen -> seen.reason().equals(fault.reason))
        : broker.call(edge, scene);
  }

  /** The log has one line for each, a meter counts it, and an alert selects the meter. */
  @TestFactory
  @Order(3)
  Stream<DynamicTest> tells_operators_of() {
    return FileFault.all(directory).stream()
        .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> noticed(fault)));
  }

  private static void noticed(FileFault fault) throws IOException {
    fault.injection().run();
    broker.process().awaitLine(line -> line.matches(fault.log()));
    Eventually.until(
        broker::meters, seen -> seen.stream().anyMatch(line -> line.matches(fault.meter())));
    assertThat(ALERTS.selects(fault.alert(), broker.meters(), "tokenbroker_")).isTrue();
    TRIAL.expect(fault.alert(), "", broker.meters());
    assertThat(broker.process().lines().stream().filter(line -> line.matches(fault.log())))
        .hasSize(1);
  }

  @Test
  @Order(4)
  void tells_which_revision_trusted_an_issuer_before() throws IOException {
    Scene scene = new Scene("removed", stage);
    String before = broker.revision();
    Files.writeString(directory.resolve("federation.yaml"), DrillFederation.OTHER);

    Got got =
        Eventually.until(
            () -> broker.call(Fault.Edge.HTTP, scene),
            seen -> seen.reason().equals("ISSUER_UNKNOWN"));

    assertThat(got.text()).doesNotContain(before.substring(0, 12));
    assertThat(broker.process().awaitLine(line -> line.contains(got.verdictId())))
        .contains(before.substring(0, 12));
  }
}
