package dev.tokenbroker.federation;

import dev.tokenbroker.outcome.Evidence;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects what is wrong with one document. Confined to one load. */
final class Problems {

  private final SortedSet<Problem> found = new TreeSet<>();

  void at(Place place, String message, String remedy) {
    // Text of the document may stand in a message: it is made fit for a log line.
    found.add(
        new Problem(place.file(), place.line(), Evidence.clean(message), Evidence.clean(remedy)));
  }

  void add(Problem problem) {
    found.add(problem);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  int count() {
    return found.size();
  }

  /** By file and line. */
  List<Problem> sorted() {
    return List.copyOf(found);
  }
}
