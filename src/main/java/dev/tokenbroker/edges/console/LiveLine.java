package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** A line that all streams share. Its JSON is made once. Immutable. */
final class LiveLine {

  private final byte[] json;
  private final boolean counts;

  private LiveLine(Map<String, ?> members, boolean counts) {
    this.json = JsonBytes.of(members);
    this.counts = counts;
  }

  /** A line that is the same for each reader. */
  static LiveLine of(Map<String, ?> members) {
    return new LiveLine(members, false);
  }

  /** A line that tells each reader how many lines it has missed. */
  static LiveLine counting(Map<String, ?> members) {
    return new LiveLine(members, true);
  }

  boolean counts() {
    return counts;
  }

  /** The JSON for a reader that has missed that many lines. */
  byte[] json(long missed) {
    if (!counts) {
      return json;
    }
    byte[] last = (",\"missed\":" + missed + "}").getBytes(StandardCharsets.US_ASCII);
    int begin = json.length - 1; // instead of the closing brace
    byte[] line = Arrays.copyOf(json, begin + last.length);
    System.arraycopy(last, 0, line, begin, last.length);
    return line;
  }
}
