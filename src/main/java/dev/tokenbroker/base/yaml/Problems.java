package dev.tokenbroker.base.yaml;

import dev.tokenbroker.base.refusal.Evidence;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects the problems of one document. Confined to one load. */
public final class Problems {

  private final SortedSet<Problem> found = new TreeSet<>();
  private int reports;

  public void at(Place place, String message, String remedy) {
    // A message may contain text of the document, so it is cleaned for the log.
    add(new Problem(place.file(), place.line(), Evidence.clean(message), Evidence.clean(remedy)));
  }

  public void add(Problem problem) {
    found.add(problem);
    reports++;
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * The number of reports, repeated ones included: entries in one line may each have the same
   * problem.
   */
  public int reports() {
    return reports;
  }

  /** The problems by file and line, without duplicates. */
  public List<Problem> sorted() {
    return List.copyOf(found);
  }
}
