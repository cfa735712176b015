package dev.tokenbroker.edges.console;

import dev.tokenbroker.process.runtime.Unchecked;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Reads one stream of the console, as the page does. */
public final class LiveClient implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final HttpResponse<InputStream> answer;
  private final BufferedReader lines;

  private LiveClient(HttpResponse<InputStream> answer) {
    this.answer = answer;
    this.lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  /** Opens a stream with the token of an operator, or without a token if that is empty. */
  public static LiveClient open(HttpClient http, URI broker, String operator) {
    return openAt(http, broker.resolve("/live"), operator);
  }

  /** The same of a stream at that address, such as {@code /changes}. */
  public static LiveClient openAt(HttpClient http, URI stream, String operator) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(stream).timeout(PATIENCE).header("Accept", "application/x-ndjson");
    if (!operator.isEmpty()) {
      request.header("Authorization", "Bearer " + operator);
    }
    return Unchecked.get(
        () -> new LiveClient(http.send(request.build(), BodyHandlers.ofInputStream())));
  }

  public HttpResponse<InputStream> answer() {
    return answer;
  }

  /** The reason of a refusal. */
  public String reason() {
    return new JsonObject(read()).getString("reason");
  }

  /** The next line, or the next one of these events; all lines before it are skipped. */
  public JsonObject next(String... events) {
    String line = read();
    while (events.length > 0 && Arrays.stream(events).noneMatch(isOf(line))) {
      line = read();
    }
    return new JsonObject(line);
  }

  // Most of what is skipped is long, so it is not parsed.
  private static Predicate<String> isOf(String line) {
    return event -> line.startsWith("{\"event\":\"" + event + '"');
  }

  private String read() {
    return Unchecked.get(() -> Objects.requireNonNull(lines.readLine(), "the stream has ended"));
  }

  /** The next line of that event that is as wanted; all lines before it are skipped. */
  public JsonObject next(String event, Predicate<JsonObject> wanted) {
    JsonObject line = next(event);
    while (!wanted.test(line)) {
      line = next(event);
    }
    return line;
  }

  /** Whether the stream ended in order, after the lines that are still to come. */
  public boolean ends() {
    try {
      while (lines.readLine() != null) {
        // Nobody looks at what comes before the end.
      }
      return true;
    } catch (IOException broken) {
      return false;
    }
  }

  /** The objects of an array in a line. */
  public static List<JsonObject> objects(JsonObject line, String member) {
    JsonArray array = line.getJsonArray(member);
    return IntStream.range(0, array.size()).mapToObj(array::getJsonObject).toList();
  }

  @Override
  public void close() {
    Unchecked.run(lines::close);
  }
}
