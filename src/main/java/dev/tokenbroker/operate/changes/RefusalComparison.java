package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.RefusalHistory.CountedRefusals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the refusals before a change with those after it.
 *
 * @param counted all refusals that are counted
 * @param events all changes that are known
 * @param causes tells which change explains a refusal
 */
record RefusalComparison(
    RefusalHistory refusals,
    List<CountedRefusals> counted,
    List<ChangeEvent> events,
    Causes causes) {

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
    Map<String, List<CountedRefusals>> explained = new LinkedHashMap<>();
    for (CountedRefusals each : counted) {
      if (each.refused().proved() == evidence
          && isComparable(event, age, each)
          && isExplained(event, each.refused())) {
        explained.computeIfAbsent(each.refused().group(), _ -> new ArrayList<>()).add(each);
      }
    }
    return explained.values().stream()
        .flatMap(alike -> risen(event, age, sum(alike), joined).stream())
        .toList();
  }

  /** Whether the counter had all such refusals before the change, too. */
  private boolean isComparable(ChangeEvent event, Duration age, CountedRefusals refused) {
    return refused.from() <= refusals.firstBucket()
        || refused.from() < refusals.bucketBefore(age.plus(event.lookBack()));
  }

  /** Whether the change explains them, and no change that came before it has caused it. */
  private boolean isExplained(ChangeEvent event, RefusalEvidence refused) {
    return causes.explains(event, refused)
        && !(Causes.isEffect(event)
            && events.stream()
                .filter(root -> !Causes.isEffect(root) && causes.explains(root, refused))
                .map(root -> Duration.between(root.time().minus(root.lookBack()), event.time()))
                .anyMatch(
                    ago ->
                        !ago.plus(DOUBT).isNegative() && ago.compareTo(Correlation.WINDOW) <= 0));
  }

  private static CountedRefusals sum(List<CountedRefusals> alike) {
    return new CountedRefusals(
        alike.getFirst().refused(),
        RefusalBuckets.sum(alike.stream().map(CountedRefusals::buckets).toList()),
        alike.stream().mapToLong(CountedRefusals::from).reduce(Long.MIN_VALUE, Math::max));
  }

  private Optional<RisenRefusals> risen(
      ChangeEvent event, Duration age, CountedRefusals refused, List<RisenRefusals> joined) {
    RefusalBuckets buckets = refused.buckets();
    long noticed = refusals.bucketBefore(age);
    if (noticed < refusals.firstBucket()) {
      return Optional.empty(); // of an earlier run
    }
    long first = Math.max(refused.from(), endedBefore(event, age, refused));
    long at = Math.max(first, refusals.bucketBefore(age.plus(event.lookBack())));
    long end = Math.min(noticed + RiseRule.WINDOW, refusals.bucketBefore(Duration.ZERO) + 1);
    Duration toFirst =
        Duration.ofMillis(buckets.firstMillisIn(at, end) - refusals.millisBefore(age));
    long before = RiseRule.before(buckets, first, at);
    long after = buckets.between(at, end);
    boolean rose =
        RiseRule.isRise(buckets, first, at, end)
            && !hadBegun(buckets, at, toFirst.plus(event.lookBack()))
            && !isReplaced(event, refused, event.time().plus(toFirst))
            && !hadAnotherReason(refused, first, at, end);
    long begin = buckets.firstIn(at, end);
    RisenRefusals counts =
        new RisenRefusals(
            refused.refused().peer().name(),
            refused.refused().reason(),
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

  /**
   * The bucket at which the refusals had ended that were joined to the same change before it, so
   * that a change which is repeated is compared with the time in between; the least number if they
   * had not.
   */
  private long endedBefore(ChangeEvent event, Duration age, CountedRefusals refused) {
    RefusalEvidence evidence = refused.refused();
    return events.stream()
        .filter(earlier -> earlier.id() < event.id() && earlier.isLike(event))
        .filter(earlier -> earlier.hasJoined(evidence) && causes.explains(earlier, evidence))
        .map(earlier -> age.plus(Duration.between(earlier.time(), event.time())))
        .mapToLong(
            ago ->
                RiseRule.endedBefore(
                    refused.buckets(), refusals.bucketBefore(ago), refusals.bucketBefore(age)))
        .max()
        .orElse(Long.MIN_VALUE);
  }

  /** What was replaced before the first refusal caused none of them. */
  private boolean isReplaced(ChangeEvent event, CountedRefusals refused, Instant first) {
    return events.stream()
        .filter(event::isReplacedBy)
        .filter(other -> causes.explains(other, refused.refused()))
        .anyMatch(other -> !other.time().isAfter(first.plus(DOUBT)));
  }

  /** Whether the refusals only have another reason than before. */
  private boolean hadAnotherReason(CountedRefusals refused, long first, long at, long end) {
    RefusalEvidence evidence = refused.refused();
    long before =
        counted.stream()
            .filter(other -> other.refused().peer().equals(evidence.peer()))
            .filter(other -> other.refused().proved() == evidence.proved())
            // Without the signature of a withdrawn key, the clue does not tell keys apart.
            .filter(
                other ->
                    !evidence.clue().signed() || other.refused().clue().equals(evidence.clue()))
            .filter(other -> MISSING_KEY.contains(other.refused().reason()))
            .mapToLong(other -> RiseRule.before(other.buckets(), first, at))
            .sum();
    return MISSING_KEY.contains(evidence.reason())
        && !RiseRule.isFourfold(refused.buckets().between(at, end), before, end - at);
  }
}
