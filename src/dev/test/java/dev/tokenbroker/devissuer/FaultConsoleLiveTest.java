package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.GrpcServer;
import dev.tokenbroker.operate.changes.ChangeSteps;
import dev.tokenbroker.operate.changes.ShownTimeline;
import dev.tokenbroker.operate.changes.SteadyCalls;
import dev.tokenbroker.operate.changes.SteadyCalls.EndedCall;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each fault of the console under steady calls and the background traffic: what callers get, what
 * the timeline shows, and that the calls are good again after it.
 */
@QuarkusTest
@QuarkusTestResource(value = SampleBroker.class, restrictToAnnotatedClass = true)
class FaultConsoleLiveTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration GOOD = Duration.ofSeconds(2);
  private static final Duration UNHARMED = Duration.ofSeconds(6);

  /**
   * What the table shows of a fault besides its own change and reason.
   *
   * @param joins the refusals that must be joined to the change
   * @param others reasons that callers may get as well
   */
  private record Shown(Fault fault, List<String> joins, List<String> others) {

    static Shown of(Fault fault, String... joins) {
      return new Shown(fault, List.of(joins), List.of());
    }

    Shown orAlso(String... reasons) {
      return new Shown(fault, joins, List.of(reasons));
    }
  }

  /**
   * The circuit opens several times within five minutes, so only the first time is a rise. Refusals
   * of an unknown issuer are of no issuer, so they are joined to none.
   */
  private static final List<Shown> TABLE =
      List.of(
          Shown.of(Fault.ROTATE_KEYS),
          Shown.of(Fault.DROP_KEYS, "ci KEY_UNKNOWN").orAlso("KEY_REFETCH_COOLING_DOWN"),
          Shown.of(Fault.SWAP_KEYS, "ci SIGNATURE_INVALID"),
          Shown.of(Fault.UNAVAILABLE, "corp-sso UPSTREAM_CIRCUIT_OPEN")
              .orAlso("UPSTREAM_UNAVAILABLE"),
          Shown.of(Fault.EXPIRE_CERTIFICATE, "corp-sso UPSTREAM_CERTIFICATE_INVALID")
              .orAlso("UPSTREAM_CIRCUIT_OPEN"),
          Shown.of(Fault.ISSUER_SLASH),
          Shown.of(Fault.CLOCK_AHEAD, "ci CREDENTIAL_NOT_YET_VALID"),
          Shown.of(Fault.CLOCK_BEHIND, "ci CREDENTIAL_EXPIRED"),
          Shown.of(Fault.HANG).orAlso("UPSTREAM_CIRCUIT_OPEN"),
          Shown.of(Fault.SLOW),
          Shown.of(Fault.HTML).orAlso("UPSTREAM_CIRCUIT_OPEN"),
          Shown.of(Fault.NEW_SUBJECT, "ci NO_RULE_MATCHED"),
          Shown.of(Fault.WRONG_AUDIENCE, "ci AUDIENCE_MISMATCH"),
          Shown.of(Fault.STORM).orAlso("UPSTREAM_UNAVAILABLE"));

  @Inject DevIssuer operators;
  @Inject CiIssuer issuer;
  @Inject CiServer server;
  @Inject GrpcServer grpc;
  @Inject Traffic traffic;
  @Inject MeterRegistry meters;
  @TestHTTPResource URI url;

  private final HttpClient http = HttpClient.newHttpClient();
  private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(grpc.port());
    assertThat(traffic.isFlowing()).as("traffic in test mode that nobody asked for").isFalse();
    traffic.start();
  }

  @AfterEach
  void stop() throws Exception {
    send("DELETE", "");
    traffic.stop();
    client.close();
    http.close();
  }

  @Test
  @Tag("storm")
  void each_fault_shows_in_refusals_and_changes_and_ends() throws Exception {
    assertThat(TABLE).extracting(Shown::fault).containsExactlyInAnyOrder(Fault.values());
    try (ShownTimeline timeline = new ShownTimeline(url.getPort(), operator());
        SteadyCalls calls =
            new SteadyCalls(
                client,
                List.of(() -> request(Demonstration.TARGET), () -> request(Traffic.EXCHANGED)))) {
      ChangeSteps steps = new ChangeSteps(timeline, calls);
      calls.awaitTime(WARM_UP);
      for (Shown row : TABLE) {
        steps.mended(GOOD);
        Instant begun = Instant.now();
        show(row, steps);
        assertThatCallersGetTheReason(row.fault(), timeline, calls, begun);
        assertThatBoundsHold(row.fault());
        assertThat(send("DELETE", "").body()).contains("\"active\":\"\"");
      }
      steps.mended(GOOD);
    }
  }

  private void show(Shown row, ChangeSteps steps) throws Exception {
    Fault fault = row.fault();
    ChangeKind change = fault.change();
    if (change == null) {
      begin(fault);
      return;
    }
    row.others().forEach(reason -> steps.allow(change.label() + " any " + reason));
    steps.step(
        fault.label(),
        () -> begin(fault),
        change.label(),
        ".*",
        row.joins().toArray(String[]::new));
  }

  /** A caller gets the reason of the fault; without one, no caller is refused for a while. */
  private static void assertThatCallersGetTheReason(
      Fault fault, ShownTimeline timeline, SteadyCalls calls, Instant begun) {
    RefusalReason reason = fault.reason();
    if (reason == null) {
      Instant end = begun.plus(UNHARMED);
      assertThat(timeline.shows(PATIENCE, _ -> Instant.now().isAfter(end))).isTrue();
      assertThat(calls.first(begun, EndedCall::isRefused)).as(fault.label()).isEmpty();
      return;
    }
    assertThat(
            timeline.shows(
                PATIENCE,
                _ -> calls.first(begun, call -> call.reason().equals(reason.name())).isPresent()))
        .as(fault.label() + ": a call refused for " + reason)
        .isTrue();
  }

  private void begin(Fault fault) throws Exception {
    assertThat(send("POST", "/" + fault.label()).body())
        .contains("\"active\":\"" + fault.label() + "\"", "\"since_time\":\"");
  }

  private void assertThatBoundsHold(Fault fault) {
    for (String name :
        List.of("tokenbroker.issuer.fetch.bound.ratio", "tokenbroker.upstream.bound.ratio")) {
      assertThat(meters.find(name).gauges())
          .as(fault.label() + " " + name)
          .isNotEmpty()
          .allSatisfy(ratio -> assertThat(ratio.value()).isLessThanOrEqualTo(1));
    }
  }

  @Test
  void lists_faults_and_traffic() throws Exception {
    HttpResponse<String> answer = send("GET", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(answer.body())
        .contains("\"active\":\"\"")
        .contains("\"callers\":8", "\"per_second\":20")
        .contains("{\"name\":\"drop-keys\",\"label\":\"Drop keys\",\"group\":\"keys\"")
        .contains("\"change\":\"key-removed\",\"reason\":\"KEY_UNKNOWN\",\"active\":false}")
        .doesNotContain("since_time");
  }

  @Test
  void knows_no_other_fault() throws Exception {
    assertThat(send("POST", "/no-such-fault").statusCode()).isEqualTo(404);
  }

  @Test
  void pages_of_other_sites_begin_and_end_nothing() throws Exception {
    for (String site : List.of("cross-site", "same-site", "none")) {
      assertThat(fromPage("POST", "/slow", site).statusCode()).isEqualTo(403);
      assertThat(fromPage("DELETE", "", site).statusCode()).isEqualTo(403);
    }
    assertThat(send("GET", "").body()).contains("\"active\":\"\"");

    assertThat(fromPage("POST", "/slow", "same-origin").statusCode()).isEqualTo(200);
    assertThat(send("GET", "").body()).contains("\"active\":\"slow\"");
  }

  private HttpResponse<String> fromPage(String method, String path, String site) throws Exception {
    return http.send(
        request(method, path)
            .header("Origin", "http://localhost:" + url.getPort())
            .header("Sec-Fetch-Site", site)
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String path)
      throws IOException, InterruptedException {
    return http.send(request(method, path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String method, String path) {
    return HttpRequest.newBuilder(url.resolve(DevIssuer.PATH + "/faults" + path))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .timeout(Duration.ofSeconds(40));
  }

  private ExchangeTokenRequest request(String audience) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(audience)
        .setSubjectToken(issuer.credential(server.port().orElseThrow()))
        .build();
  }

  /** A token of the broker for an operator. */
  private String operator() {
    DevCredential operator =
        new DevCredential("dev-operator", DevCredential.AUDIENCE, "", "", null);
    return Eventually.see(
            () ->
                client.exchange(
                    ExchangeTokenRequest.newBuilder()
                        .setAudience("token-broker")
                        .setSubjectToken(operators.credential(url.getPort(), operator))
                        .build()),
            answer -> answer.token() != null)
        .granted()
        .getAccessToken();
  }
}
