package dev.tokenbroker.federation;

import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;

/**
 * A revision that was in force.
 *
 * @param revision the revision
 * @param time when it last came into force
 * @param action how it came into force
 * @param by the caller who put it in force, or the path of the loaded document
 * @param reason why, in the words of the caller; empty for a loaded document
 */
public record KeptRevision(
    String revision, Instant time, RolloutAction action, String by, String reason) {

  /** The order of decisions: by time, then by content, so that all replicas order them alike. */
  private static final Comparator<KeptRevision> ORDER =
      Comparator.comparing(KeptRevision::time)
          .thenComparing(KeptRevision::revision)
          .thenComparing(KeptRevision::action)
          .thenComparing(KeptRevision::by)
          .thenComparing(KeptRevision::reason);

  /** Whether this decision was made after the other one. */
  public boolean isAfter(KeptRevision other) {
    return ORDER.compare(this, other) > 0;
  }

  /** The ways in which a revision comes into force. */
  public enum RolloutAction {
    /** The broker loaded it from its path, while the history was empty. */
    LOADED,
    /** It was the candidate. */
    PROMOTED,
    /** It had been in force before. */
    ROLLED_BACK;

    /** The name for people and records: {@code rolled-back}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
