package dev.tokenbroker.edges.console;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines that all streams share: the last {@value #MAX_LINES}, and the last state. Each line has
 * a number, so a reader only keeps its place. Safe for use by several threads.
 */
final class LiveLines {

  static final int MAX_LINES = 512;

  private final LiveLine[] ring = new LiveLine[MAX_LINES]; // guarded by this
  private long next; // the number of the next line; guarded by this
  private @Nullable LiveLine state; // guarded by this

  /**
   * What a reader has not seen.
   *
   * @param next the number of the line after them
   * @param missed how many lines before them are gone
   * @param state the last state; null if there is none
   */
  record LiveNews(List<LiveLine> lines, long next, long missed, @Nullable LiveLine state) {}

  synchronized void add(LiveLine line) {
    ring[(int) (next % MAX_LINES)] = line;
    next++;
  }

  /** Replaces the state: of several, a slow reader gets only the last. */
  synchronized void state(LiveLine now) {
    state = now;
  }

  /** All that there is now, as seen: a new reader gets what comes after it. */
  synchronized LiveNews seen() {
    return new LiveNews(List.of(), next, 0, state);
  }

  /** The lines from that number on, as far as they are still there. */
  synchronized LiveNews from(long place) {
    long first = Math.max(place, next - MAX_LINES);
    List<LiveLine> lines = new ArrayList<>();
    for (long at = first; at < next; at++) {
      lines.add(ring[(int) (at % MAX_LINES)]);
    }
    return new LiveNews(lines, next, first - place, state);
  }
}
