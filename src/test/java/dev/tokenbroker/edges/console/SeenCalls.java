package dev.tokenbroker.edges.console;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/**
 * What one operator has seen of the calls of all workloads.
 *
 * @param latest how late the latest line of a second came
 */
record SeenCalls(int shown, int leftOut, long missed, Duration latest) {

  static final SeenCalls NONE = new SeenCalls(0, 0, 0, Duration.ZERO);

  /** All calls that are accounted for: shown one by one, or counted as left out. */
  int all() {
    return shown + leftOut;
  }

  /** The same with one more line of the stream. */
  SeenCalls and(JsonObject line) {
    return line.getString("event").equals("exchange")
        ? new SeenCalls(shown + 1, leftOut, missed, latest)
        : andSecond(line);
  }

  private SeenCalls andSecond(JsonObject second) {
    Duration late = Duration.between(Instant.parse(second.getString("time")), Instant.now());
    return new SeenCalls(
        shown,
        leftOut + second.getInteger("left_out"),
        missed + second.getLong("missed"),
        late.compareTo(latest) > 0 ? late : latest);
  }
}
