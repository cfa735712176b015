package dev.tokenbroker.changes;

import dev.tokenbroker.changes.RefusalHistory.CountedRefusals;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.outcome.BugReport;
import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.SubjectKind;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Joins refusals to the change that may have caused them. Every five seconds it compares, for each
 * change of the last five minutes, the refusals before and after it.
 *
 * <p>Refusals are joined if the change can cause their reason, they are of the same issuer or
 * upstream, there are at least {@value #LEAST} since the change, and at least {@value #TIMES} times
 * as many as in the five minutes before. A change that was noticed long after it happened may have
 * its refusals before it, so it is not joined. Two changes at once are both joined: the broker
 * cannot tell them apart. Of several revisions, it takes the last before the refusals.
 */
@Singleton
public final class Correlation {

  static final Duration WINDOW = Duration.ofMinutes(5);

  private static final Logger LOG = Logger.getLogger(Correlation.class);
  private static final int LEAST = 5;
  private static final int TIMES = 4;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final ChangeLog changes;
  private final RefusalHistory refusals;
  private final Function<String, Optional<String>> issuerName;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("changes").factory());

  @Inject
  Correlation(
      ChangeLog changes, RefusalHistory refusals, Federations federations, InstantSource clock) {
    this(
        changes,
        refusals,
        identifier ->
            federations
                .current()
                .flatMap(federation -> federation.issuers().find(identifier))
                .map(TrustedIssuer::name),
        clock);
  }

  /**
   * @param issuerName finds the name of an issuer by its identifier
   */
  Correlation(
      ChangeLog changes,
      RefusalHistory refusals,
      Function<String, Optional<String>> issuerName,
      InstantSource clock) {
    this.changes = changes;
    this.refusals = refusals;
    this.issuerName = issuerName;
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
    Set<RefusalReason> possible = Causes.of(event.change().kind());
    if (possible.isEmpty() || isFirstRevision(event.change())) {
      return;
    }
    List<RisenRefusals> risen = new ArrayList<>();
    for (CountedRefusals each : counted) {
      if (possible.contains(each.reason()) && concerns(event.change(), each)) {
        risen(each, age).filter(rise -> !isReplaced(event, rise, events)).ifPresent(risen::add);
      }
    }
    // A join that was seen stays, even if counts have fallen since.
    event.joined().stream()
        .filter(before -> risen.stream().noneMatch(before::isSameAs))
        .forEach(risen::add);
    if (!risen.equals(event.joined())) {
      changes.join(event, risen);
    }
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

  /** Nothing was accepted before the first revision, so there is nothing to compare with. */
  private static boolean isFirstRevision(Change change) {
    return change.subjectKind() == SubjectKind.FEDERATION && change.was().isEmpty();
  }

  private boolean concerns(Change change, CountedRefusals refused) {
    return switch (change.subjectKind()) {
      case ISSUER ->
          refused.subjectKind() == SubjectKind.ISSUER
              && issuerName.apply(change.subject()).filter(refused.name()::equals).isPresent();
      case UPSTREAM ->
          refused.subjectKind() == SubjectKind.UPSTREAM && refused.name().equals(change.subject());
      case FEDERATION, CANDIDATE, SIGNING_KEYS, TLS, BROKER -> true;
    };
  }

  private Optional<RisenRefusals> risen(CountedRefusals refused, Duration age) {
    long at = refusals.bucketBefore(age);
    long window = WINDOW.dividedBy(RefusalBuckets.WIDTH);
    RefusalBuckets buckets = refused.buckets();
    if (refusals.bucketsBefore(at) < 0) {
      return Optional.empty(); // of an earlier run
    }
    long covered = Math.clamp(refusals.bucketsBefore(at), 1, window);
    // Soon after the start, a few seconds stand for the five minutes.
    long before = buckets.between(at - window, at) * window / covered;
    long after = buckets.between(at, at + window);
    if (after < LEAST || after < TIMES * before) {
      return Optional.empty();
    }
    Duration since = age.compareTo(WINDOW) > 0 ? WINDOW : age;
    long delay = (buckets.firstIn(at, at + window) - at) * RefusalBuckets.WIDTH.toSeconds();
    return Optional.of(
        new RisenRefusals(
            refused.name(),
            refused.reason(),
            before,
            after,
            perMinute(before, WINDOW),
            perMinute(after, since),
            delay));
  }

  /** Over a minute at least, so that a burst is no rate. */
  private static long perMinute(long count, Duration over) {
    Duration time = over.compareTo(MINUTE) < 0 ? MINUTE : over;
    return Math.round(count * (double) MINUTE.toMillis() / time.toMillis());
  }
}
