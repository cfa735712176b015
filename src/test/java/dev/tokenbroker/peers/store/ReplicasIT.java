package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.console.LiveClient;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.Eventually;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two packed brokers with different documents: each place that shows them. */
@Tag("store")
class ReplicasIT {

  @TempDir static Path directory;

  @AutoClose private static final HttpClient HTTP = HttpClient.newHttpClient();

  // Set before the tests.
  @SuppressWarnings("NullAway.Init")
  @AutoClose
  private static DifferingReplicas replicas;

  @SuppressWarnings("NullAway.Init")
  private static String operator;

  @BeforeAll
  static void start() {
    replicas = DifferingReplicas.start(directory);
    operator = replicas.operatorToken();
  }

  @Test
  void names_and_revisions_are_in_each_list() {
    Eventually.until(this::metrics, text -> text.contains("tokenbroker_replicas 2.0"));
    JsonArray rows = state().getJsonArray("replicas");
    assertThat(rows).hasSize(2);
    JsonObject self = rows.getJsonObject(0);
    assertThat(self.getString("name")).isEqualTo("one");
    assertThat(self.getBoolean("self")).isTrue();
    assertThat(self.getBoolean("ready")).isTrue();
    JsonObject other = rows.getJsonObject(1);
    assertThat(other.getString("name")).isEqualTo("two");
    assertThat(other.getString("revision")).isNotEqualTo(self.getString("revision"));
    assertThat(other.getLong("silence_seconds")).isLessThan(10);
    Eventually.until(() -> shown(other.getString("revision")), names -> names.contains("two"));
    assertThat(shown(self.getString("revision"))).contains("one");
    replicas.one().awaitLine(line -> line.matches(".*Replicas that are up: 2: one .*, two .*"));
    assertThat(get("/replicas", "").statusCode()).isEqualTo(401);

    replicas.agree();

    Eventually.until(
        () -> shown(self.getString("revision")), names -> names.equals(Set.of("one", "two")));
    assertThat(shown(other.getString("revision"))).isEmpty();
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

  /** The names that the meter has with that revision. */
  private Set<String> shown(String revision) {
    return Pattern.compile(
            "tokenbroker_replica_silence_seconds\\{replica=\"(\\w+)\",revision=\"%s\"}"
                .formatted(revision.substring(0, 12)))
        .matcher(metrics())
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  private List<JsonObject> events(String kind) {
    JsonArray all = new JsonObject(get("/changes", operator).body()).getJsonArray("changes");
    return IntStream.range(0, all.size())
        .mapToObj(all::getJsonObject)
        .filter(event -> event.getString("kind").equals(kind))
        .toList();
  }

  private JsonObject state() {
    try (LiveClient live = LiveClient.open(HTTP, replicas.url(), operator)) {
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
}
