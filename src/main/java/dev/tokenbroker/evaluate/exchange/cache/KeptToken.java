package dev.tokenbroker.evaluate.exchange.cache;

import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A cached token for callers with the same request: until when it is served, and whether its
 * refresh is still to come. Safe for use by any number of threads.
 */
public final class KeptToken {

  private static final Instant TAKEN = Instant.MAX;

  private final IssuedToken token;
  private final Provenance origin;
  private final Instant usableFrom;
  private final Instant usableUntil;
  private final Duration keptFor;

  /** When a refresh comes due; {@link #TAKEN} once a caller has taken it, or if there is none. */
  private final AtomicReference<Instant> refreshDue;

  /** The evaluation that makes the successor, once one has begun. */
  private volatile @Nullable Flight successor;

  /** Made at the first hit: most tokens never get one. */
  private @Nullable EvaluationResult<IssuedToken> hit;

  /**
   * @param acceptableUntil the moment from which the credential is not accepted any more
   * @param refreshed whether one caller takes its refresh when that comes due
   */
  KeptToken(
      IssuedToken token,
      Provenance origin,
      Instant acceptableUntil,
      boolean refreshed,
      Instant now,
      RandomGenerator random) {
    this.token = token;
    this.origin = origin;
    ServedTime served = ServedTime.of(token, acceptableUntil);
    this.usableFrom = served.from();
    this.usableUntil = served.until();
    this.keptFor = Duration.between(now, usableUntil);
    Instant drawn = served.drawRefresh(random);
    this.refreshDue = new AtomicReference<>(refreshed ? drawn : TAKEN);
  }

  /**
   * Whether it may be handed out: all that was proved still holds, and it has not ended. A token of
   * a clock that was ahead and has been set back may not: verifiers would take it for a token of
   * the future.
   */
  boolean isUsable(Instant now) {
    return now.isBefore(usableUntil) && !now.isBefore(usableFrom) && origin.stands(now);
  }

  /** The identity that it was issued for. */
  VerifiedIdentity identity() {
    return origin.identity();
  }

  IssuedToken token() {
    return token;
  }

  /** What shadow rules would do with the request that it was issued for. */
  List<ShadowFinding> shadows() {
    return origin.shadows();
  }

  /** The estimated memory of the identity's claims, in bytes; zero if they are not kept. */
  int claimBytes() {
    return origin.claimBytes();
  }

  /** The time from its storage to the end of its service. */
  Duration keptFor() {
    return keptFor;
  }

  /** The result for one more caller that is given it. */
  EvaluationResult<IssuedToken> hit() {
    EvaluationResult<IssuedToken> made = hit;
    if (made == null) {
      made = origin.givenAgain(token);
      hit = made; // every thread makes the same
    }
    return made;
  }

  /** Whether this caller must have the successor made. */
  boolean takeRefresh(Instant now) {
    Instant due = refreshDue.get();
    return !now.isBefore(due) && refreshDue.compareAndSet(due, TAKEN);
  }

  /** Lets another caller take the refresh, from that moment on. */
  void putOffRefresh(Instant until) {
    successor = null;
    refreshDue.compareAndSet(TAKEN, until);
  }

  public void succeededBy(Flight refresh) {
    successor = refresh;
  }

  /** The evaluation that makes its successor; null if none is under way. */
  @Nullable Flight successor() {
    Flight refresh = successor;
    return refresh == null || refresh.isDone() ? null : refresh;
  }
}
