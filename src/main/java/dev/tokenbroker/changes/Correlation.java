package dev.tokenbroker.changes;

import dev.tokenbroker.changes.RefusalHistory.CountedRefusals;
import dev.tokenbroker.outcome.BugReport;
import dev.tokenbroker.outcome.SubjectKind;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Joins refusals to the change that may have caused them. Every five seconds it compares, for each
 * change of the last five minutes, the refusals before and after it.
 *
 * <p>Refusals are joined if the change can cause their reason, they are of the same issuer or
 * upstream, and they rose by the {@link RiseRule}. A change that the broker notices late happened
 * at some time since its previous look, and refusals may have begun then. So that look, five
 * minutes before the event at most, divides before from after. Two changes at once are both joined:
 * the broker cannot tell them apart. Of several revisions, it takes the last before the refusals.
 */
@Singleton
public final class Correlation {

  static final Duration WINDOW = Duration.ofMinutes(5);

  /** How many reasons and names are joined to one event; of more at once, the most frequent. */
  static final int MAX_JOINED = 32;

  private static final Logger LOG = Logger.getLogger(Correlation.class);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final ChangeLog changes;
  private final RefusalHistory refusals;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("changes").factory());

  Correlation(ChangeLog changes, RefusalHistory refusals, InstantSource clock) {
    this.changes = changes;
    this.refusals = refusals;
    this.clock = clock;
  }

  void start(@Observes Startup event) {
    long millis = RefusalBuckets.WIDTH.toMillis();
    var _ = thread.scheduleWithFixedDelay(this::runRound, millis, millis, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes Shutdown event) {
    thread.shutdownNow();
  }

  // An exception must not end the schedule.
  private void runRound() {
    try {
      round();
    } catch (RuntimeException | Error bug) {
      LOG.errorf("Changes could not be compared with refusals: %s", BugReport.of(bug));
    }
  }

  /** Compares once. */
  void round() {
    refusals.forgetPast();
    List<CountedRefusals> counted = refusals.counted();
    if (counted.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    List<ChangeEvent> events = changes.events();
    for (ChangeEvent event : events) {
      Duration age = Duration.between(event.time(), now);
      // One round more, so that the last bucket counts.
      if (!age.isNegative() && age.compareTo(WINDOW.plus(RefusalBuckets.WIDTH)) <= 0) {
        compare(event, age, counted, events);
      }
    }
  }

  private void compare(
      ChangeEvent event, Duration age, List<CountedRefusals> counted, List<ChangeEvent> events) {
    List<RisenRefusals> risen = new ArrayList<>();
    for (CountedRefusals each : counted) {
      if (event.canCause(each.peer(), each.reason())) {
        risen(event, age, each)
            .filter(rise -> !isReplaced(event, rise, events))
            .ifPresent(risen::add);
      }
    }
    List<RisenRefusals> joined = joined(event.joined(), risen);
    if (!joined.equals(event.joined())) {
      changes.join(event, joined);
    }
  }

  /** A join that was seen stays, even if counts have fallen since. New ones come as they fit. */
  private static List<RisenRefusals> joined(List<RisenRefusals> seen, List<RisenRefusals> risen) {
    Stream<RisenRefusals> stay =
        seen.stream().map(each -> risen.stream().filter(each::isSameAs).findFirst().orElse(each));
    Stream<RisenRefusals> come =
        risen.stream()
            .filter(each -> seen.stream().noneMatch(each::isSameAs))
            .sorted(Comparator.comparingLong(RisenRefusals::after).reversed());
    return Stream.concat(stay, come).limit(MAX_JOINED).toList();
  }

  /** A revision that was replaced before the first refusal caused none of them. */
  private static boolean isReplaced(
      ChangeEvent event, RisenRefusals rise, List<ChangeEvent> events) {
    Instant first = event.time().plusSeconds(rise.delaySeconds());
    return event.change().subjectKind() == SubjectKind.FEDERATION
        && events.stream()
            .filter(other -> other.id() > event.id())
            .filter(other -> other.change().subjectKind() == SubjectKind.FEDERATION)
            .filter(other -> Causes.of(other.change().kind()).contains(rise.reason()))
            .anyMatch(other -> !other.time().isAfter(first));
  }

  private Optional<RisenRefusals> risen(ChangeEvent event, Duration age, CountedRefusals refused) {
    RefusalBuckets buckets = refused.buckets();
    long first = refusals.firstBucket();
    long noticed = refusals.bucketBefore(age);
    if (noticed < first) {
      return Optional.empty(); // of an earlier run
    }
    long at = Math.max(first, refusals.bucketBefore(age.plus(event.lookBack())));
    long end = Math.min(noticed + RiseRule.WINDOW, refusals.bucketBefore(Duration.ZERO) + 1);
    if (!RiseRule.isRise(buckets, first, at, end)) {
      return Optional.empty();
    }
    long before = RiseRule.before(buckets, first, at);
    long after = buckets.between(at, end);
    long begin = buckets.firstIn(at, end);
    Duration early = RefusalBuckets.WIDTH.multipliedBy(Math.max(0, noticed - begin));
    Duration since = (age.compareTo(WINDOW) > 0 ? WINDOW : age).plus(early);
    return Optional.of(
        new RisenRefusals(
            refused.peer().name(),
            refused.reason(),
            before,
            after,
            perMinute(before, WINDOW),
            perMinute(after, since),
            (begin - noticed) * RefusalBuckets.WIDTH.toSeconds()));
  }

  /** Over a minute at least, so that a burst is no rate. */
  private static long perMinute(long count, Duration over) {
    Duration time = over.compareTo(MINUTE) < 0 ? MINUTE : over;
    return Math.round(count * (double) MINUTE.toMillis() / time.toMillis());
  }
}
