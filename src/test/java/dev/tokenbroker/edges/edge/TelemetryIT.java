package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the broker tells of itself where the environment switches it on, as in a container. */
@Tag("packaged")
class TelemetryIT {

  /** Requests with a credential where none is taken from. */
  private static final List<String> MISPLACED =
      List.of(
          "/token?subject_token=%s",
          "/verdicts/%s",
          "/verdicts/1/%s",
          "/%s",
          "/tokenbroker.v1.TokenBroker/%s",
          "/q/%s",
          "/.well-known/%s?token=%1$s");

  @AutoClose private static final FakeIssuer ISSUER = FakeIssuer.start();

  @AutoClose
  private static final FakeServer COLLECTOR =
      FakeServer.start(request -> FakeServer.Reply.of(200, Map.of(), ""));

  @AutoClose private static BrokerProcess broker;
  @AutoClose private static BrokerClient client;

  @BeforeAll
  static void start(@TempDir Path directory) {
    String document = Documents.granting("payments-api", ISSUER);
    broker =
        new BrokerProcess.Setup(Documents.write(directory, document))
            .environment("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true")
            .environment("QUARKUS_OTEL_SDK_DISABLED", "false")
            .environment("QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", COLLECTOR.origin())
            .environment("QUARKUS_OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
            .environment("QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "100ms")
            .start();
    client = broker.client();
  }

  @Test
  void sends_spans_and_json_logs_and_leaves_the_audit_log_as_it_is() throws Exception {
    int before = COLLECTOR.requests().size();
    String id = client.exchange(Documents.request("payments-api", ISSUER)).granted().getVerdictId();

    String httpId = JSONObjectUtils.getString(exchangeByHttp(), "verdict_id");

    String sent =
        Eventually.see(
            () -> spans(before),
            spans -> Stream.of(id, httpId, "POST /token").allMatch(spans::contains));
    assertThat(sent).contains(id, httpId, "POST /token", "tokenbroker.step");
    assertThat(sent.split("exchange signature", -1)).as("pieces around two spans").hasSize(3);

    String audit = broker.awaitLine(line -> line.contains(id));
    assertThat(JSONObjectUtils.parse(audit)).doesNotContainKeys("message", "loggerName");
    List<Map<String, Object>> lines = broker.lines().stream().map(TelemetryIT::json).toList();
    assertThat(lines)
        .anySatisfy(line -> assertThat(line.get("message")).asString().contains("Listening on"));
  }

  @Test
  void puts_no_credential_into_a_span_wherever_the_request_has_it() throws Exception {
    String credential = ISSUER.credential();
    for (String path : MISPLACED) {
      String target = path.formatted(credential);
      assertThat(Http.post(broker.uri(target), "").statusCode()).as(target).isNotEqualTo(200);
      String bearer = "Bearer " + credential;
      Http.get(broker.uri(target), "Authorization", bearer, "Token", credential);
    }

    String id = JSONObjectUtils.getString(exchangeByHttp(), "verdict_id");

    // A span is sent when its call has ended, which may be after its answer has come.
    String sent =
        Eventually.see(
            () -> spans(0),
            spans -> Stream.of(id, "/verdicts/{id}", "POST /token").allMatch(spans::contains));
    assertThat(sent).contains("/verdicts/{id}", "POST /token").doesNotContain(credential);
    for (String part : credential.split("\\.", -1)) {
      assertThat(sent).doesNotContain(part);
    }
  }

  @Test
  void lets_no_flag_of_a_caller_decide_whether_a_call_has_spans() throws Exception {
    String unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    String id = JSONObjectUtils.getString(exchangeByHttp("traceparent", unsampled), "verdict_id");

    assertThat(Eventually.see(() -> spans(0), spans -> spans.contains(id))).contains(id);
  }

  private static Map<String, Object> exchangeByHttp(String... headers) throws ParseException {
    String form =
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience=payments-api"
            + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token="
            + ISSUER.credential();
    return JSONObjectUtils.parse(Http.post(broker.uri("/token"), form, headers).body());
  }

  /** What the collector has got after so many requests. */
  private static String spans(int before) {
    return COLLECTOR.requests().stream()
        .skip(before)
        .filter(request -> request.target().equals("/v1/traces"))
        .map(FakeServer.Request::body)
        .collect(Collectors.joining());
  }

  private static Map<String, Object> json(String line) {
    try {
      return JSONObjectUtils.parse(line);
    } catch (ParseException none) {
      throw new AssertionError("not JSON: " + line, none);
    }
  }
}
