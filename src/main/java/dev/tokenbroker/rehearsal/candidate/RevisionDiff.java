package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.federation.diff.EntryDifference;
import java.util.List;

/**
 * The differences between two revisions.
 *
 * @param from the earlier revision
 * @param to the later revision
 */
public record RevisionDiff(String from, String to, List<EntryDifference> entries) {

  public RevisionDiff {
    entries = List.copyOf(entries);
  }
}
