package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.operate.changes.RefusalHistory.CountedRefusals;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Joins refusals to the change that may have caused them. Every five seconds it compares, for each
 * change of the last five minutes, the refusals before and after it.
 *
 * <p>Refusals are joined if the change {@linkplain Causes explains} them, they are proved, and they
 * rose by the {@link RiseRule}. Refusals that prove nothing are compared among themselves and shown
 * beside the joins. So a stranger who sends made-up credentials can neither make a join nor hide
 * one. A change that the broker notices late happened at some time since its previous look, and
 * refusals may have begun then. So that look, five minutes before the event at most, divides before
 * from after. Two changes at once are both joined: the broker cannot tell them apart. Of several
 * revisions, bundles or secrets, it takes the last before the refusals.
 */
@Singleton
public final class Correlation {

  static final Duration WINDOW = Duration.ofMinutes(5);

  /** How many reasons and names are joined to one event; of more at once, the most frequent. */
  static final int MAX_JOINED = 32;

  private final ChangeLog changes;
  private final RefusalHistory refusals;
  private final Causes causes;
  private final InstantSource clock;
  private final Rounds rounds =
      new Rounds(Correlation.class, "changes", "Changes could not be compared with refusals");

  Correlation(ChangeLog changes, RefusalHistory refusals, Causes causes, InstantSource clock) {
    this.changes = changes;
    this.refusals = refusals;
    this.causes = causes;
    this.clock = clock;
  }

  void start(@Observes Startup event) {
    rounds.begin(RefusalBuckets.WIDTH, this::round);
  }

  void stop(@Observes Shutdown event) {
    rounds.close();
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
    RefusalComparison comparison = new RefusalComparison(refusals, counted, events, causes);
    for (ChangeEvent event : events) {
      Duration age = Duration.between(event.time(), now);
      // One round more, so that the last bucket counts.
      if (!age.isNegative() && age.compareTo(WINDOW.plus(RefusalBuckets.WIDTH)) <= 0) {
        compare(event, age, comparison);
      }
    }
  }

  private void compare(ChangeEvent event, Duration age, RefusalComparison comparison) {
    List<RisenRefusals> joined =
        joined(event.joined(), comparison.risen(event, age, true, List.of()));
    List<RisenRefusals> unproved =
        joined(event.unproved(), comparison.risen(event, age, false, joined));
    if (!joined.equals(event.joined()) || !unproved.equals(event.unproved())) {
      changes.join(event, joined, unproved);
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
}
