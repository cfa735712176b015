package dev.tokenbroker.peers.guard;

import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which attempts may be sent to one peer, and counts them. Two bounds hold in any window of
 * length W, whatever callers do:
 *
 * <ul>
 *   <li>attempts ≤ needed + burst + ratio × successes;
 *   <li>without a success: attempts ≤ circuit failures + concurrency + W / probe interval.
 * </ul>
 *
 * <p>With several replicas, the limits are the part of this one ({@link GuardShare}).
 *
 * <p><b>The first bound.</b> An attempt is <em>needed</em> on one of two grounds. FIRST: when it is
 * admitted, no attempt for its key is under way, and none failed within the cool-down without a
 * success since. PROBE: the circuit is not closed, and no attempt was admitted on this ground
 * within the probe interval. Every other attempt is a <em>retry</em> and takes a token of the
 * {@link RetryBudget}: a second attempt within one call, one of another call for the same key, one
 * that a caller repeats too soon. The budget's promise bounds the retries in a window; all others
 * are needed by definition. Few are: two needed attempts for one key, with no success for it in
 * between, begin at least a cool-down apart, and two probes at least a probe interval.
 *
 * <p>The memory for keys is bounded and forgets nothing within the cool-down. When it is full, an
 * unknown key may be one that failed a moment ago, so its attempts take tokens and are not
 * remembered. Needed attempts are always remembered; the spacing above rests on that.
 *
 * <p><b>The second bound.</b> While the circuit is closed, an attempt takes a unit before it
 * begins, and only a success gives units back; units that were taken before it and whose attempts
 * begin after it stay taken. After failures in a row the circuit opens, and lets one probe through
 * at a time, when the turn of this replica comes. If all units are taken and no attempt is under
 * way, then as many have failed as open the circuit: a call that waits for a unit waits for an
 * attempt to end.
 *
 * <p>Safe for use by several threads: one lock, held for a moment only. Times are monotonic. The
 * proofs in full are in {@code src/docs/operate/upstream-bound.md}.
 */
final class GuardState {

  /** The number of keys that may fail within one cool-down before the memory is full. */
  static final int MAX_KEYS = 10_000;

  private final GuardSettings settings;
  private final GuardShare share;
  private final LongSupplier nanoTime;
  private final long origin;
  private final RetryBudget budget;
  private final FailedKeys keys;
  private final Map<Ground, Long> begun = new EnumMap<>(Ground.class);
  private final Map<Rejection, Long> rejected = new EnumMap<>(Rejection.class);
  private long successes;
  private long failures;

  // The ground PROBE.
  private boolean probeGiven;
  private @Nullable Long lastProbe;

  // The circuit.
  private int unitsTaken;
  private int unitsUnused;
  private int failuresInRow;
  private boolean closed = true;
  private boolean turnIsFirst;
  private boolean turnTaken;
  private long openedNanos;

  /** Why an attempt may be made. */
  enum Ground {
    /** No attempt for this key is under way, and none failed lately. */
    FIRST,
    /** The attempt finds out whether the peer is back. */
    PROBE,
    /** The attempt takes a token. */
    RETRY
  }

  /** What a permission has of the circuit. */
  private enum Pass {
    NONE,
    UNIT,
    TURN
  }

  private enum Step {
    GIVEN,
    BEGUN,
    OVER
  }

  /**
   * Permission for one attempt. It is given back unused ({@link #cancel}), or used ({@link #begin},
   * then {@link #succeeded} or {@link #failed}); either exactly once.
   */
  static final class Permission {

    private final Ground ground;
    private final FailedKeys.@Nullable FailedKey entry;
    private Pass pass = Pass.NONE;
    private Step step = Step.GIVEN;

    private Permission(Ground ground, FailedKeys.@Nullable FailedKey entry) {
      this.ground = ground;
      this.entry = entry;
    }

    Ground ground() {
      return ground;
    }

    private void advance(Step from, Step to) {
      if (step != from) {
        throw new IllegalStateException("a permission that is " + step + " cannot become " + to);
      }
      step = to;
    }
  }

  /** The decision about the first attempt of a call. */
  sealed interface Entry {
    record Admitted(Permission permission) implements Entry {}

    /**
     * No attempt may be made.
     *
     * @param delay until the key may be asked for again; zero where the circuit is open
     */
    record Refused(Rejection why, Duration delay) implements Entry {}
  }

  GuardState(GuardSettings settings, GuardShare share, int maxKeys, LongSupplier nanoTime) {
    this.settings = settings;
    this.share = share;
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
    this.budget = new RetryBudget(share::retryBurst, settings.retryRatio());
    this.keys = new FailedKeys(maxKeys);
  }

  /** Decides on the first attempt of a call: the circuit is asked before the budget. */
  synchronized Entry enter(Object key) {
    if (untilTurn() > 0) {
      return new Entry.Refused(Rejection.CIRCUIT_OPEN, Duration.ZERO);
    }
    long now = now();
    FailedKeys.FailedKey entry = keys.find(key, now);
    if (entry == null && !keys.isFull()) {
      return new Entry.Admitted(new Permission(Ground.FIRST, keys.add(key)));
    }
    if (!closed && !probeGiven && mayProbe(now)) {
      probeGiven = true;
      return new Entry.Admitted(remembered(Ground.PROBE, entry));
    }
    if (budget.reserve()) {
      return new Entry.Admitted(remembered(Ground.RETRY, entry));
    }
    long wait = entry == null ? 0 : entry.neededFrom() - now;
    return new Entry.Refused(
        Rejection.BUDGET_EXHAUSTED, wait > 0 ? Duration.ofNanos(wait) : settings.coolDown());
  }

  /**
   * Admits a further attempt of a call, which always takes a token; null where the circuit is open
   * or no token is left.
   */
  synchronized @Nullable Permission enterAgain(Object key) {
    if (untilTurn() > 0 || !budget.reserve()) {
      return null;
    }
    FailedKeys.FailedKey entry = keys.find(key, now());
    return entry == null && !keys.isFull()
        ? new Permission(Ground.RETRY, keys.add(key))
        : remembered(Ground.RETRY, entry);
  }

  /**
   * Lets a permitted attempt through the circuit; null on success.
   *
   * @param wait how long to wait for a success, where so many attempts have begun without one that
   *     no further one may
   */
  synchronized @Nullable Rejection pass(Permission permission, Duration wait)
      throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (closed && !isSpent() && unitsTaken >= share.unproven()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return Rejection.BUSY;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    if (closed && isSpent()) {
      // The part of this replica has become smaller: opens before the next attempt, not after it.
      open();
    }
    if (closed) {
      unitsTaken++;
      unitsUnused++;
      permission.pass = Pass.UNIT;
      return null;
    }
    if (turnTaken || untilTurn() > 0) {
      return Rejection.CIRCUIT_OPEN;
    }
    turnTaken = true;
    permission.pass = Pass.TURN;
    return null;
  }

  /** Gives the permission back, since the attempt is not made. */
  synchronized void cancel(Permission permission) {
    permission.advance(Step.GIVEN, Step.OVER);
    switch (permission.pass) {
      case NONE -> {}
      case UNIT -> {
        unitsTaken--;
        unitsUnused--;
      }
      case TURN -> turnTaken = false;
    }
    switch (permission.ground) {
      case FIRST -> {}
      case PROBE -> probeGiven = false;
      case RETRY -> budget.giveBack();
    }
    if (permission.entry != null) {
      keys.leave(permission.entry);
    }
    notifyAll();
  }

  /**
   * The attempt begins, and counts from here on; false where the circuit has opened since its pass,
   * and the permission is to be given back.
   */
  synchronized boolean begin(Permission permission) {
    if (permission.pass == Pass.UNIT && !closed) {
      return false;
    }
    permission.advance(Step.GIVEN, Step.BEGUN);
    begun.merge(permission.ground, 1L, Long::sum);
    switch (permission.ground) {
      case FIRST -> {}
      case PROBE -> {
        probeGiven = false;
        lastProbe = now();
      }
      case RETRY -> budget.spend();
    }
    if (permission.pass == Pass.UNIT) {
      unitsUnused--;
    }
    return true;
  }

  /** The peer answered. */
  synchronized void succeeded(Permission permission) {
    permission.advance(Step.BEGUN, Step.OVER);
    successes++;
    budget.success();
    if (permission.entry != null) {
      keys.succeeded(permission.entry);
    }
    failuresInRow = 0;
    unitsTaken = unitsUnused;
    if (permission.pass == Pass.TURN) {
      closed = true;
      turnTaken = false;
    }
    notifyAll();
  }

  /**
   * The attempt failed.
   *
   * @param retryAfter how long the peer asks us to wait, or null
   */
  synchronized void failed(Permission permission, @Nullable Duration retryAfter) {
    permission.advance(Step.BEGUN, Step.OVER);
    failures++;
    if (permission.entry != null) {
      long pauseNanos =
          retryAfter == null ? 0 : Pauses.cut(retryAfter, settings.maxRetryAfter()).toNanos();
      keys.failed(permission.entry, now() + Math.max(settings.coolDown().toNanos(), pauseNanos));
    }
    failuresInRow++;
    if (permission.pass == Pass.TURN || (closed && isSpent())) {
      open();
    }
    notifyAll();
  }

  /** Counts a call that ends without an attempt. */
  synchronized void rejected(Rejection why) {
    rejected.merge(why, 1L, Long::sum);
  }

  synchronized CircuitState circuit() {
    if (closed) {
      return CircuitState.CLOSED;
    }
    return untilTurn() > 0 ? CircuitState.OPEN : CircuitState.HALF_OPEN;
  }

  /** How long no attempt can get through the circuit; zero where one may. */
  synchronized Duration untilProbe() {
    return Duration.ofNanos(untilTurn());
  }

  synchronized PeerStatus status(String peer) {
    long probes = begun(Ground.PROBE);
    long needed = begun(Ground.FIRST) + probes;
    long attempts = needed + begun(Ground.RETRY);
    return new PeerStatus(
        peer,
        circuit(),
        budget.available(),
        (int) (attempts - successes - failures),
        settings.concurrency(),
        attempts,
        needed,
        probes,
        begun(Ground.RETRY),
        successes,
        failures,
        count(Rejection.CIRCUIT_OPEN),
        count(Rejection.HELD),
        count(Rejection.BUDGET_EXHAUSTED),
        count(Rejection.BUSY),
        budget.granted(),
        settings.retryRatio());
  }

  private long begun(Ground ground) {
    return begun.getOrDefault(ground, 0L);
  }

  private long count(Rejection why) {
    return rejected.getOrDefault(why, 0L);
  }

  private boolean isSpent() {
    return failuresInRow >= share.circuitFailures();
  }

  private void open() {
    turnIsFirst = closed;
    turnTaken = false;
    closed = false;
    openedNanos = nanoTime.getAsLong();
  }

  /** How long the next turn of this replica to probe the peer is away, in nanoseconds. */
  private long untilTurn() {
    if (closed) {
      return 0;
    }
    Duration wait = turnIsFirst ? share.firstProbe() : share.probeInterval();
    return Math.max(0, wait.toNanos() - (nanoTime.getAsLong() - openedNanos));
  }

  private boolean mayProbe(long now) {
    return lastProbe == null || now - lastProbe >= share.probeInterval().toNanos();
  }

  private Permission remembered(Ground ground, FailedKeys.@Nullable FailedKey entry) {
    if (entry != null) {
      keys.enter(entry);
    }
    return new Permission(ground, entry);
  }

  private long now() {
    // The first time is 1, since zero stands for never.
    return nanoTime.getAsLong() - origin + 1;
  }
}
