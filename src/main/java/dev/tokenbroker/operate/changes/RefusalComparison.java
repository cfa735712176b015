package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.operate.changes.RefusalHistory.CountedRefusals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the refusals before a change with those after it.
 *
 * @param counted all refusals that are counted
 * @param events all changes that are known
 */
record RefusalComparison(
    RefusalHistory refusals, List<CountedRefusals> counted, List<ChangeEvent> events) {

  /** A refusal may be counted shortly before the change that causes it is noted. */
  private static final Duration DOUBT = Duration.ofSeconds(1);

  /** A missing key has the second reason until a fetch has shown that it stays so. */
  private static final Set<RefusalReason> MISSING_KEY =
      EnumSet.of(RefusalReason.KEY_UNKNOWN, RefusalReason.KEY_REFETCH_COOLING_DOWN);

  /**
   * The refusals that rose after a change.
   *
   * @param age the time since the event
   * @param evidence whether to compare those that are evidence, or the others
   * @param joined further refusals to count, whether or not they rose
   */
  List<RisenRefusals> risen(
      ChangeEvent event, Duration age, boolean evidence, List<RisenRefusals> joined) {
    List<RisenRefusals> risen = new ArrayList<>();
    for (CountedRefusals each : counted) {
      if (each.evidence() == evidence && event.canCause(each.peer(), each.reason())) {
        risen(event, age, each, joined).ifPresent(risen::add);
      }
    }
    return risen;
  }

  private Optional<RisenRefusals> risen(
      ChangeEvent event, Duration age, CountedRefusals refused, List<RisenRefusals> joined) {
    RefusalBuckets buckets = refused.buckets();
    long first = refusals.firstBucket();
    long noticed = refusals.bucketBefore(age);
    if (noticed < first) {
      return Optional.empty(); // of an earlier run
    }
    long at = Math.max(first, refusals.bucketBefore(age.plus(event.lookBack())));
    long end = Math.min(noticed + RiseRule.WINDOW, refusals.bucketBefore(Duration.ZERO) + 1);
    Duration toFirst =
        Duration.ofMillis(buckets.firstMillisIn(at, end) - refusals.millisBefore(age));
    long before = RiseRule.before(buckets, first, at);
    long after = buckets.between(at, end);
    boolean rose =
        RiseRule.isRise(buckets, first, at, end)
            && !hadBegun(buckets, at, toFirst.plus(event.lookBack()))
            && !isReplaced(event, event.time().plus(toFirst))
            && !hadAnotherReason(refused, first, at, end);
    long begin = buckets.firstIn(at, end);
    RisenRefusals counts =
        new RisenRefusals(
            refused.peer().name(),
            refused.reason(),
            before,
            after,
            (begin - noticed) * RefusalBuckets.WIDTH.toSeconds());
    boolean isShown = rose || (after > 0 && joined.stream().anyMatch(counts::isSameAs));
    return isShown ? Optional.of(counts) : Optional.empty();
  }

  /**
   * Whether the first refusals for minutes came before the change, though in the same bucket.
   *
   * @param toFirst the time from the change to its first refusal
   */
  private static boolean hadBegun(RefusalBuckets buckets, long at, Duration toFirst) {
    return toFirst.plus(DOUBT).isNegative() && buckets.between(at - RiseRule.WINDOW, at) == 0;
  }

  /** What was replaced before the first refusal caused none of them. */
  private boolean isReplaced(ChangeEvent event, Instant first) {
    return events.stream()
        .filter(event::isReplacedBy)
        .anyMatch(other -> !other.time().isAfter(first.plus(DOUBT)));
  }

  /** Whether the refusals only have another reason than before. */
  private boolean hadAnotherReason(CountedRefusals refused, long first, long at, long end) {
    long after = refused.buckets().between(at, end);
    return MISSING_KEY.contains(refused.reason())
        && counted.stream()
            .filter(other -> other.peer().equals(refused.peer()))
            .filter(other -> other.evidence() == refused.evidence())
            .filter(other -> MISSING_KEY.contains(other.reason()))
            .map(other -> RiseRule.before(other.buckets(), first, at))
            .anyMatch(before -> !RiseRule.isFourfold(after, before, end - at));
  }
}
