package dev.tokenbroker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.outbound.FakeServer;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the broker tells of itself where the environment switches it on, as in a container. */
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
  void sends_spans_of_each_edge_and_logs_json_beside_an_audit_log_that_stays_as_it_is()
      throws Exception {
    Path federation = Documents.write(directory, Documents.granting("payments-api", issuer));
    try (BrokerProcess broker =
            traced(federation).environment("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true").start();
        BrokerClient client = broker.client()) {
      String id =
          client.exchange(Documents.request("payments-api", issuer)).granted().getVerdictId();

      String httpId = JSONObjectUtils.getString(exchangeByHttp(broker), "verdict_id");

      String sent =
          Eventually.see(
              this::spans, spans -> Stream.of(id, httpId, "POST /token").allMatch(spans::contains));
      assertThat(sent).contains(id, httpId, "POST /token", "tokenbroker.step");
      assertThat(sent.split("exchange signature", -1)).as("pieces around two spans").hasSize(3);

      String audit = broker.awaitLine(line -> line.contains(id));
      assertThat(JSONObjectUtils.parse(audit)).doesNotContainKeys("message", "loggerName");
      List<Map<String, Object>> lines = broker.lines().stream().map(TelemetryIT::json).toList();
      assertThat(lines)
          .anySatisfy(line -> assertThat(line.get("message")).asString().contains("Listening on"));
    }
  }

  @Test
  void puts_no_credential_into_a_span_wherever_it_stands_in_a_request() throws Exception {
    Path federation = Documents.write(directory, Documents.granting("payments-api", issuer));
    String credential = issuer.credential();
    try (BrokerProcess broker = traced(federation).start()) {
      for (String path : MISPLACED) {
        String target = path.formatted(credential);
        assertThat(Http.post(broker.uri(target), "").statusCode()).as(target).isNotEqualTo(200);
        String bearer = "Bearer " + credential;
        var _ = Http.get(broker.uri(target), "Authorization", bearer, "Token", credential);
      }

      String id = JSONObjectUtils.getString(exchangeByHttp(broker), "verdict_id");

      String sent = Eventually.see(this::spans, spans -> spans.contains(id));
      assertThat(sent).contains("/verdicts/{id}", "POST /token").doesNotContain(credential);
      for (String part : credential.split("\\.", -1)) {
        assertThat(sent).doesNotContain(part);
      }
    }
  }

  private BrokerProcess.Setup traced(Path federation) {
    return new BrokerProcess.Setup(federation)
        .environment("QUARKUS_OTEL_SDK_DISABLED", "false")
        .environment("QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin())
        .environment("QUARKUS_OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        .environment("QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "100ms");
  }

  @Test
  void writes_the_audit_log_into_a_file_by_the_settings_of_its_document() throws Exception {
    Path federation = Documents.write(directory, Documents.granting("payments-api", issuer));
    Path file = directory.resolve("audit.json");
    BrokerProcess.Setup setup = new BrokerProcess.Setup(federation);
    Properties settings = settingsOf(Path.of("src/docs/audit.md"));
    settings.setProperty(pathOfTheFileHandler(settings), file.toString());
    settings.stringPropertyNames().forEach(key -> setup.with(key, settings.getProperty(key)));
    try (BrokerProcess broker = setup.start();
        BrokerClient client = broker.client()) {
      String id =
          client.exchange(Documents.request("payments-api", issuer)).granted().getVerdictId();

      assertThat(Files.readAllLines(file))
          .singleElement()
          .satisfies(line -> assertThat(json(line)).containsEntry("verdict_id", id));
      assertThat(broker.lines()).noneMatch(line -> line.contains(id));
    }
  }

  /** The settings that a document shows. */
  private static Properties settingsOf(Path document) throws IOException {
    String text = Files.readString(document);
    String from = "```properties\n";
    int begin = text.indexOf(from) + from.length();
    Properties settings = new Properties();
    settings.load(new StringReader(text.substring(begin, text.indexOf("```", begin))));
    return settings;
  }

  private static String pathOfTheFileHandler(Properties settings) {
    return settings.stringPropertyNames().stream()
        .filter(key -> key.matches("quarkus\\.log\\.handler\\.file\\.[\\w-]+\\.path"))
        .findFirst()
        .orElseThrow();
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
