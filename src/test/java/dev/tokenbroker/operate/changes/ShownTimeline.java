package dev.tokenbroker.operate.changes;

import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.Patience;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The events and joins that {@code GET /changes} shows, read twice a second, with the time at which
 * each was first shown. Safe for use by several threads.
 */
public final class ShownTimeline implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofMillis(500);

  private final URI changes;
  private final String operator;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("shown-timeline").factory());
  private volatile String failure = "";
  private final Map<Long, ShownEvent> events = new LinkedHashMap<>(); // guarded by this
  private final Map<String, ShownJoin> joins = new LinkedHashMap<>(); // guarded by this

  /** An event without its joins. */
  public record ShownEvent(
      long id,
      String kind,
      String subjectKind,
      String subject,
      String was,
      String is,
      Instant shown) {}

  /** Refusals that are joined to an event, or shown as unproved beside the joins. */
  public record ShownJoin(ShownEvent event, String name, String reason, Instant shown) {

    /** {@code key-removed KEY_UNKNOWN}. */
    public String text() {
      return event.kind() + " " + reason;
    }
  }

  /** Begins to read, with the token of an operator. */
  public ShownTimeline(int port, String operator) {
    this.changes = URI.create("http://127.0.0.1:" + port + "/changes");
    this.operator = operator;
    var _ = timer.scheduleWithFixedDelay(this::read, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void read() {
    try {
      HttpResponse<String> answer = Http.get(changes, "Authorization", "Bearer " + operator);
      if (answer.statusCode() != 200) {
        failure = answer.statusCode() + " " + answer.body();
        return;
      }
      objects(new JsonObject(answer.body()), "changes").forEach(this::take);
    } catch (UncheckedIOException stopping) {
      // The next look tries again.
    }
  }

  private synchronized void take(JsonObject shown) {
    Instant now = Instant.now();
    ShownEvent event =
        events.computeIfAbsent(
            shown.getLong("id"),
            id ->
                new ShownEvent(
                    id,
                    shown.getString("kind"),
                    shown.getString("subject_kind"),
                    shown.getString("subject", ""),
                    shown.getString("was", ""),
                    shown.getString("is", ""),
                    now));
    for (String member : List.of("joined", "unproved")) {
      for (JsonObject join : objects(shown, member)) {
        joins.computeIfAbsent(
            event.id() + " " + join.getString("name") + " " + join.getString("reason"),
            _ -> new ShownJoin(event, join.getString("name"), join.getString("reason"), now));
      }
    }
  }

  private static List<JsonObject> objects(JsonObject from, String member) {
    JsonArray array = from.getJsonArray(member, new JsonArray());
    return IntStream.range(0, array.size()).mapToObj(array::getJsonObject).toList();
  }

  public synchronized List<ShownEvent> events() {
    if (!failure.isEmpty()) {
      throw new AssertionError("GET /changes: " + failure);
    }
    return List.copyOf(events.values());
  }

  public synchronized List<ShownJoin> joins() {
    return List.copyOf(joins.values());
  }

  /** The joins of events that were first shown after that time. */
  List<ShownJoin> joinsOfEventsAfter(Instant time) {
    return joins().stream().filter(join -> join.event().shown().isAfter(time)).toList();
  }

  public Optional<ShownEvent> event(Predicate<ShownEvent> wanted) {
    return events().stream().filter(wanted).findFirst();
  }

  public Optional<ShownJoin> join(Predicate<ShownJoin> wanted) {
    return joins().stream().filter(wanted).findFirst();
  }

  /** Looks until that holds, or until the time is over; says whether it holds. */
  public boolean shows(Duration time, Predicate<ShownTimeline> wanted) {
    long end = System.nanoTime() + time.toNanos();
    boolean seen = wanted.test(this);
    while (!seen && System.nanoTime() < end) {
      seen = Patience.after(PERIOD, () -> wanted.test(this));
    }
    return seen;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
