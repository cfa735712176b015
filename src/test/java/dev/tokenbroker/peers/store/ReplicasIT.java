package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.console.LiveClient;
import dev.tokenbroker.edges.edge.Artifact;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.Eventually;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two packed brokers with different documents: each place that shows it, until they agree. */
@Tag("store")
class ReplicasIT {

  @TempDir static Path directory;

  @AutoClose private static HttpClient http;

  // Set before the tests.
  @SuppressWarnings("NullAway.Init")
  @AutoClose
  private static DifferingReplicas replicas;

  @SuppressWarnings("NullAway.Init")
  private static String operator;

  @BeforeAll
  static void start() {
    http = HttpClient.newHttpClient();
    replicas = DifferingReplicas.start(directory);
    operator = replicas.operatorToken();
  }

  @Test
  void a_fact_that_is_not_equal_is_in_each_list_until_it_is() {
    assertThat(unequalWith("revision", true)).contains("revision");
    assertThat(metrics()).contains("tokenbroker_replicas 2.0");
    JsonObject state = state();
    assertThat(state.getJsonArray("unequal_facts")).contains("revision");
    JsonArray rows = state.getJsonArray("replicas");
    assertThat(rows).hasSize(2);
    JsonObject self = rows.getJsonObject(0);
    assertThat(self.getString("name")).isEqualTo("one");
    assertThat(self.getBoolean("self")).isTrue();
    assertThat(self.getBoolean("ready")).isTrue();
    JsonObject other = rows.getJsonObject(1);
    assertThat(other.getString("name")).isEqualTo("two");
    assertThat(other.getString("revision")).isNotEqualTo(self.getString("revision"));
    Eventually.until(this::offset, offset -> -2 < offset && offset < 0.5);
    assertThat(doctor()).contains("REPLICAS_DIFFER", "revision").doesNotContain(operator);
    assertThat(get("/replicas", "").statusCode()).isEqualTo(401);

    replicas.agree();

    assertThat(unequalWith("revision", false)).doesNotContain("revision");
    Eventually.until(this::doctor, said -> said.contains("√ the replicas agree: 2 up"));
  }

  @Test
  void a_value_that_no_replica_wrote_is_an_event_without_effect() {
    Eventually.until(this::metrics, text -> text.contains("tokenbroker_replicas 2.0"));

    // Again and again: the next announcement of a replica removes it, perhaps before it is read.
    List<JsonObject> foreign =
        Eventually.see(
            () -> {
              replicas.forge();
              return events("store-value-foreign");
            },
            events -> !events.isEmpty());

    assertThat(foreign.getFirst().getString("subject_kind")).isEqualTo("store");
    assertThat(metrics()).contains("tokenbroker_replicas 2.0");
  }

  /** The facts that are not equal, once that one is, or is no longer, among them. */
  private JsonArray unequalWith(String fact, boolean unequal) {
    return Eventually.see(
        () -> new JsonObject(get("/replicas", operator).body()).getJsonArray("unequal_facts"),
        facts -> facts.contains(fact) == unequal);
  }

  private List<JsonObject> events(String kind) {
    JsonArray all = new JsonObject(get("/changes", operator).body()).getJsonArray("changes");
    return IntStream.range(0, all.size())
        .mapToObj(all::getJsonObject)
        .filter(event -> event.getString("kind").equals(kind))
        .toList();
  }

  /** How far the clock of the other replica seems to be ahead, by its last message. */
  private double offset() {
    return state().getJsonArray("replicas").getJsonObject(1).getDouble("clock_offset_seconds");
  }

  private JsonObject state() {
    try (LiveClient live = LiveClient.open(http, replicas.url(), operator)) {
      return live.next("state");
    }
  }

  private String metrics() {
    int port = replicas.one().managementPort();
    return Http.get(URI.create("http://127.0.0.1:" + port + "/q/metrics")).body();
  }

  private HttpResponse<String> get(String path, String token) {
    URI uri = replicas.url().resolve(path);
    return token.isEmpty() ? Http.get(uri) : Http.get(uri, "Authorization", "Bearer " + token);
  }

  private String doctor() {
    try {
      Path token = Files.writeString(directory.resolve("operator"), operator);
      List<String> command = new ArrayList<>(Artifact.built().command(List.of()));
      command.addAll(List.of("doctor", "--broker", "localhost:" + replicas.one().grpcPort()));
      command.addAll(List.of("--broker-http", "localhost:" + replicas.one().port()));
      command.addAll(List.of("--authorization-file", token.toString(), "--timeout", "20s"));
      Process doctor = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(doctor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var _ = doctor.waitFor();
      return said;
    } catch (IOException broken) {
      throw new AssertionError(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
