package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.federation.KeptRevision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The revision in force, and the revisions that could replace it.
 *
 * @param revision the revision in force; null if none is
 * @param candidate the revision of the candidate; null if there is none, or if it has problems
 * @param keepsHistory whether a caller may promote and roll back
 * @param kept the kept revisions, the one in force first
 * @param problems the problems of the document on disk and of the history, and of decisions that
 *     not all replicas have carried out
 */
public record RolloutStatus(
    @Nullable String revision,
    @Nullable String candidate,
    boolean keepsHistory,
    List<KeptRevision> kept,
    List<String> problems) {

  public RolloutStatus {
    kept = List.copyOf(kept);
    problems = List.copyOf(problems);
  }
}
