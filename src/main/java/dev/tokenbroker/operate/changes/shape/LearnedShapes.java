package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.text.EditDistance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The known shapes of one claim of one issuer. Confined to one thread.
 *
 * <p>The claim is learned after {@value #LEARNED} credentials, or after {@value #LEAST} and ten
 * minutes. From then on a new shape is a change. Before, new shapes are learned silently, with two
 * exceptions: another type than that of {@value #LEAST} credentials, and a new shape that comes
 * with the first credential that the audiences or the rules refuse, after {@value #LEAST} that they
 * did not.
 *
 * <p>The claim keeps {@value #MAX} masks. Of a claim with more, only the type is watched.
 */
final class LearnedShapes {

  static final int MAX = 16;
  static final int LEARNED = 50;
  static final int LEAST = 5;
  static final Duration LEARNING = Duration.ofMinutes(10);

  private final List<ClaimShape> known = new ArrayList<>();
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
    Optional<ClaimShape> was = Optional.empty();
    if (known.stream().noneMatch(each -> each.covers(shape))) {
      was = isChange(shape, refused, nanos) ? nearest(shape) : was;
      learn(shape);
    }
    seen = Math.min(seen + 1, LEARNED);
    present = shape.isMissing() ? present : Math.min(present + 1, LEARNED);
    refusedBefore |= refused;
    return was;
  }

  private boolean isChange(ClaimShape shape, boolean refused, long nanos) {
    if (seen < LEAST) {
      return false;
    }
    if (seen >= LEARNED || nanos - firstNanos >= LEARNING.toNanos()) {
      return true;
    }
    boolean otherType = known.stream().noneMatch(each -> each.type().equals(shape.type()));
    return (otherType && present >= LEAST && !shape.isMissing()) || (refused && !refusedBefore);
  }

  /** Shapes of the same type are nearer than any other. */
  private Optional<ClaimShape> nearest(ClaimShape shape) {
    return known.stream()
        .min(
            Comparator.comparing((ClaimShape each) -> !each.type().equals(shape.type()))
                .thenComparingInt(
                    each -> EditDistance.upTo(ValueMask.MAX_CHARS, each.label(), shape.label())));
  }

  private void learn(ClaimShape shape) {
    known.removeIf(shape::covers);
    known.add(shape);
    if (known.stream().filter(ClaimShape::isText).count() > MAX) {
      known.removeIf(ClaimShape::isText);
      known.add(ClaimShape.ANY_TEXT);
    }
  }
}
