package dev.tokenbroker.operate.candidate;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The last distinct differences, at most {@value #MAX}. A new one takes the place of the one that
 * was not seen for the longest time. Safe for use by several threads.
 */
final class DifferenceLog {

  static final int MAX = 1_000;

  private final LinkedHashMap<String, LoggedDifference> entries =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LoggedDifference> eldest) {
          return size() > MAX;
        }
      };

  /** A difference with its count. Guarded by the log. */
  private static final class LoggedDifference {

    private final String key;
    private DecisionDifference latest;
    private long count;
    private final Instant first;
    private Instant last;

    private LoggedDifference(String key, DecisionDifference difference) {
      this.key = key;
      this.latest = difference;
      this.first = difference.firstTime();
      this.last = first;
    }

    private void count(Instant time) {
      count++;
      last = time.isAfter(last) ? time : last;
    }

    private DecisionDifference shown() {
      return latest.counted(count, first, last);
    }
  }

  /**
   * Counts a difference, and keeps its decisions and claims in place of earlier ones.
   *
   * @return its key for {@link #again}: the same object as long as the log has the difference
   */
  synchronized String add(DecisionDifference difference) {
    LoggedDifference logged =
        entries.computeIfAbsent(difference.key(), key -> new LoggedDifference(key, difference));
    logged.latest = difference;
    logged.count(difference.lastTime());
    return logged.key;
  }

  /** Counts a known difference once more. Returns false if the log no longer has it. */
  synchronized boolean again(String key, Instant time) {
    LoggedDifference logged = entries.get(key);
    if (logged == null) {
      return false;
    }
    logged.count(time);
    return true;
  }

  synchronized List<DecisionDifference> newestFirst() {
    return entries.sequencedValues().reversed().stream().map(LoggedDifference::shown).toList();
  }
}
