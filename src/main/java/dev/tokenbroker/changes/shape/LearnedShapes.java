package dev.tokenbroker.changes.shape;

import dev.tokenbroker.outcome.EditDistance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The known shapes of one claim of one issuer. Confined to one thread.
 *
 * <p>The claim is learned after {@value #LEARNED} credentials, or after {@value #LEAST} and ten
 * minutes. From then on a new shape is a change. Before, new shapes are learned silently, with two
 * exceptions: another type than that of {@value #LEAST} credentials, and a new shape that comes
 * with the first credential that the audiences or the rules refuse, after {@value #LEAST} that they
 * did not.
 *
 * <p>A change may give several shapes another part, such as the ids of a repository before a branch
 * and before a tag. Only the first of them is a change. The claim keeps {@value #MAX} templates. A
 * claim with more is free form: only its type is watched.
 */
final class LearnedShapes {

  static final int MAX = 16;
  static final int LEARNED = 50;
  static final int LEAST = 5;
  static final Duration LEARNING = Duration.ofMinutes(10);

  private final List<ClaimShape> known = new ArrayList<>();
  private final Set<String> toldDifferences = new HashSet<>();
  private final long firstNanos;
  private int seen;
  private int present;
  private boolean refusedBefore;

  /**
   * @param nanos the present time, as {@link System#nanoTime()}
   */
  LearnedShapes(long nanos) {
    this.firstNanos = nanos;
  }

  /**
   * Learns the shape of one more credential.
   *
   * @param refused whether the audiences or the rules refuse the credential
   * @return the nearest known shape if the shape is a change
   */
  Optional<ClaimShape> see(ClaimShape shape, boolean refused, long nanos) {
    Optional<ClaimShape> was =
        isKnown(shape) ? Optional.empty() : learned(shape, isChange(shape, refused, nanos));
    seen = Math.min(seen + 1, LEARNED);
    present = shape.isMissing() ? present : Math.min(present + 1, LEARNED);
    refusedBefore |= refused;
    return was;
  }

  private boolean isKnown(ClaimShape shape) {
    return known.stream().anyMatch(each -> each.covers(shape));
  }

  private boolean isChange(ClaimShape shape, boolean refused, long nanos) {
    if (seen < LEAST) {
      return false;
    }
    if (seen >= LEARNED || nanos - firstNanos >= LEARNING.toNanos()) {
      return true;
    }
    boolean otherType = known.stream().noneMatch(shape::isOfTypeOf);
    return (otherType && present >= LEAST && !shape.isMissing()) || (refused && !refusedBefore);
  }

  private Optional<ClaimShape> learned(ClaimShape shape, boolean change) {
    boolean told = known.stream().map(shape::differenceFrom).anyMatch(toldDifferences::contains);
    Optional<ClaimShape> nearest =
        known.stream().min(Comparator.comparingInt(each -> distance(each, shape)));
    if (change && toldDifferences.size() < MAX) {
      nearest.map(shape::differenceFrom).ifPresent(toldDifferences::add);
    }
    known.removeIf(shape::covers);
    known.add(shape);
    if (known.stream().filter(ClaimShape::isText).count() > MAX) {
      known.removeIf(ClaimShape::isText);
      known.add(ClaimShape.FREE_FORM);
    }
    return change && !told ? nearest : Optional.empty();
  }

  /** Shapes of the same type are nearer than any other. */
  private static int distance(ClaimShape one, ClaimShape other) {
    int most = ClaimTemplate.MAX_CHARS;
    int edits = EditDistance.upTo(most, one.label(), other.label());
    return one.isOfTypeOf(other) ? edits : most + 1 + edits;
  }
}
