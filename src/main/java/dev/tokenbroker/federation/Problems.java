package dev.tokenbroker.federation;

import dev.tokenbroker.outcome.Evidence;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects what is wrong with one document. Confined to one load. */
final class Problems {

  private final SortedSet<Problem> found = new TreeSet<>();
  private int reports;

  void at(Place place, String message, String remedy) {
    // Text of the document may stand in a message: it is made fit for a log line.
    add(new Problem(place.file(), place.line(), Evidence.clean(message), Evidence.clean(remedy)));
  }

  void add(Problem problem) {
    found.add(problem);
    reports++;
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * How many reports there were. One that repeats another counts: entries that stand in one line
   * may have the same problem, and each has it.
   */
  int reports() {
    return reports;
  }

  /** By file and line, each once. */
  List<Problem> sorted() {
    return List.copyOf(found);
  }
}
