package dev.tokenbroker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.upstream.FakeServer;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the broker tells of itself where the environment switches it on, as in a container. */
class TelemetryIT {

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeServer collector =
      FakeServer.start(request -> FakeServer.Reply.of(200, Map.of(), ""));

  @AfterEach
  void stop() {
    issuer.close();
    collector.close();
  }

  @Test
  void sends_spans_of_each_door_and_logs_json_beside_an_audit_log_that_stays_as_it_is()
      throws Exception {
    Path federation = Documents.write(directory, Documents.granting("payments-api", issuer));
    try (BrokerProcess broker =
            new BrokerProcess.Setup(federation)
                .environment("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true")
                .environment("QUARKUS_OTEL_SDK_DISABLED", "false")
                .environment("QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin())
                .environment("QUARKUS_OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                .environment("QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "100ms")
                .start();
        BrokerClient client = broker.client()) {
      String id =
          client.exchange(Documents.request("payments-api", issuer)).granted().getVerdictId();

      String httpId = JSONObjectUtils.getString(exchangeByHttp(broker), "verdict_id");

      String sent =
          Eventually.see(this::spans, spans -> spans.contains(id) && spans.contains(httpId));
      assertThat(sent).contains(id, httpId, "POST /token", "tokenbroker.step");
      assertThat(sent.split("exchange signature", -1)).as("pieces around two spans").hasSize(3);

      String audit = broker.awaitLine(line -> line.contains(id));
      assertThat(JSONObjectUtils.parse(audit)).doesNotContainKeys("message", "loggerName");
      List<Map<String, Object>> lines = broker.lines().stream().map(TelemetryIT::json).toList();
      assertThat(lines)
          .anySatisfy(line -> assertThat(line.get("message")).asString().contains("Listening on"));
    }
  }

  private Map<String, Object> exchangeByHttp(BrokerProcess broker) throws ParseException {
    String form =
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience=payments-api"
            + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token="
            + issuer.credential();
    return JSONObjectUtils.parse(Http.post(broker.uri("/token"), form).body());
  }

  private String spans() {
    return collector.requests().stream()
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
