package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.http.FetchFlight;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The refusals of one source of keys, with what was seen and when to come back. Safe for use by
 * several threads.
 */
final class KeyRefusals {

  /**
   * The end of a fetch that a bug or a lack of threads has ended; made beforehand, since memory may
   * be short then.
   */
  static final KeyFetch.FetchFailed BROKEN =
      KeyFetch.FetchFailed.of(
          Refusal.of(RefusalReason.KEYS_UNREACHABLE).seen("the broker failed in fetching"), null);

  private final FetchBudget budget;
  private final KeyTimes times;
  private final KeyEvidence evidence;

  KeyRefusals(FetchBudget budget, KeyTimes times, KeyEvidence evidence) {
    this.budget = budget;
    this.times = times;
    this.evidence = evidence;
  }

  /** The keys held do not have that one; final if they were requested after it was first missed. */
  Refusal missing(
      KeyFetch.FetchedKeys current,
      @Nullable String kid,
      long missedAt,
      KeyFetch.@Nullable FetchFailed lastFailure) {
    boolean isFinal = current.isAnswerTo(missedAt);
    Refusal refusal =
        isFinal
            ? Refusal.of(RefusalReason.KEY_UNKNOWN)
            : Refusal.of(RefusalReason.KEY_REFETCH_COOLING_DOWN).retryAfter(untilSlot());
    if (!isFinal && lastFailure != null) {
      refusal = refusal.clue(Clue.of(lastFailure.why().reason().name()));
    }
    for (String hint : evidence.ofMissing(kid, current, lastFailure)) {
      refusal = refusal.hint(hint);
    }
    return refusal
        .expected("one of the issuer's keys: " + current.keys().names())
        .seen(current.keys().missing(kid));
  }

  /** No keys are held that may be served, and none may be fetched now. */
  Refusal nothingHeld(KeyFetch.@Nullable FetchFailed lastFailure) {
    return later(
        lastFailure == null
            ? Refusal.of(RefusalReason.KEYS_UNREACHABLE)
                .seen("the keys held are too old and may be fetched again only later")
            : lastFailure.why().hint("The last fetch failed: " + lastFailure.dated()));
  }

  /** That refusal, with the time of the next fetch if a retry may help. */
  Refusal later(Refusal why) {
    if (why.reason().retry() != RefusalReason.Retry.LATER) {
      return why;
    }
    // With jitter, since every caller of this issuer would return at the same moment.
    long spreadNanos = ThreadLocalRandom.current().nextLong(times.coolDown().toNanos() / 2 + 1);
    return why.retryAfter(untilSlot().plusNanos(spreadNanos));
  }

  Refusal tooLate(Deadline deadline) {
    return Refusal.of(deadline.passed(RefusalReason.KEYS_UNREACHABLE))
        .expected("the issuer's keys before the deadline")
        .seen(evidence.underWay());
  }

  /** Refuses with full jitter: the fetch ends within the cool-down, most likely long before. */
  Refusal tooMany() {
    long mostNanos = times.coolDown().toNanos();
    return Refusal.of(RefusalReason.KEYS_UNREACHABLE)
        .expected("fewer than " + FetchFlight.MAX_WAITING + " who wait for the issuer's keys")
        .seen(evidence.underWay())
        .retryAfter(
            Duration.ofMillis(1).plusNanos(ThreadLocalRandom.current().nextLong(mostNanos)));
  }

  /** At least a millisecond, the unit in which callers see it. */
  private Duration untilSlot() {
    Duration left = budget.untilSlot();
    return left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
  }
}
