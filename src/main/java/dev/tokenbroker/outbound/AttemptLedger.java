package dev.tokenbroker.outbound;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says which attempts may be sent to one peer, and counts them: in any window, attempts ≤ needed +
 * burst + ratio × successes, whatever callers do.
 *
 * <p>An attempt is <em>needed</em> if nothing is under way for its key when it is let in and
 * nothing for that key failed within the cool-down, unless it succeeded since (FIRST); or if the
 * circuit is not closed and nobody was let in on that ground within the probe interval (PROBE).
 * Every other attempt is a <em>retry</em> and takes a token of the {@link RetryBudget}: a second
 * attempt within one call, one of another call for the same key, one that a caller repeats too
 * soon.
 *
 * <p>Proof. Each attempt has a {@link Permission} of one kind. Retries in a window are bounded by
 * the budget's promise; all others are needed by definition. What makes it worth something is how
 * few are needed: two needed attempts for one key, with no success for it in between, begin at
 * least a cool-down apart, and two probes at least a probe interval. So a window of length W has at
 * most distinct keys + their successes + their cool-downs in W + (1 + W / probe interval) needed
 * ones.
 *
 * <p>The memory for keys is bounded and forgets nothing within the cool-down. Where it is full, a
 * key that is not in it may be one that failed a moment ago, so its attempts are paid for and not
 * remembered. Needed attempts always are, which is what the spacing above rests on.
 *
 * <p>Safe for use by several threads: one short lock. Times are monotonic.
 */
final class AttemptLedger {

  /** Each key of an upstream may fail once in a cool-down without being forgotten. */
  static final int MAX_KEYS = 10_000;

  /** The longest that a peer's Retry-After keeps a key from being asked for. */
  static final Duration MAX_HOLD = Duration.ofMinutes(1);

  private final long coolDownNanos;
  private final long probeIntervalNanos;
  private final LongSupplier nanoTime;
  private final long origin;
  private final RetryBudget budget;
  private final FailedKeys keys;

  private long needed;
  private long probes;
  private long retries;
  private long successes;
  private long failures;
  private boolean probeGiven;
  private boolean probed;
  private long lastProbe;

  /** What an attempt may do. */
  sealed interface Admission {
    record Admitted(Permission permission) implements Admission {}

    /** The peer wants it not to be asked for before that much time has passed. */
    record Held(Duration delay) implements Admission {}

    /** No retry is left; how long until an attempt for the key is needed again. */
    record Refused(Duration delay) implements Admission {}
  }

  /** What was counted, and the tokens at hand. */
  record Figures(
      long needed, long probes, long retries, long successes, long failures, double tokens) {}

  AttemptLedger(GuardSettings settings, int maxKeys, LongSupplier nanoTime) {
    this.coolDownNanos = settings.coolDown().toNanos();
    this.probeIntervalNanos = settings.probeInterval().toNanos();
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
    this.budget = new RetryBudget(settings.retryBurst(), settings.retryRatio());
    this.keys = new FailedKeys(maxKeys);
  }

  /**
   * Lets in the first attempt of a call, or not.
   *
   * @param closed whether the circuit is: where not, somebody has to probe
   */
  synchronized Admission admit(Object key, boolean closed) {
    long now = now();
    FailedKeys.Entry entry = keys.find(key, now);
    if (entry == null && !keys.isFull()) {
      return new Admission.Admitted(new Permission(Permission.Kind.FIRST, keys.add(key)));
    }
    if (entry != null && entry.heldUntil() > now) {
      return new Admission.Held(Duration.ofNanos(entry.heldUntil() - now));
    }
    if (!closed && !probeGiven && (!probed || now - lastProbe >= probeIntervalNanos)) {
      probeGiven = true;
      return admitted(Permission.Kind.PROBE, entry);
    }
    if (budget.reserve()) {
      return admitted(Permission.Kind.RETRY, entry);
    }
    long wait = entry == null ? 0 : entry.neededFrom() - now;
    return new Admission.Refused(Duration.ofNanos(wait > 0 ? wait : coolDownNanos));
  }

  /** Lets in a further attempt of a call, which always has its price; null where there is none. */
  synchronized @Nullable Permission admitRetry(Object key) {
    if (!budget.reserve()) {
      return null;
    }
    FailedKeys.Entry entry = keys.find(key, now());
    if (entry == null && !keys.isFull()) {
      return new Permission(Permission.Kind.RETRY, keys.add(key));
    }
    return admitted(Permission.Kind.RETRY, entry).permission();
  }

  /** The attempt is not made after all. */
  synchronized void cancel(Permission permission) {
    permission.cancel();
    switch (permission.kind()) {
      case FIRST -> {}
      case PROBE -> probeGiven = false;
      case RETRY -> budget.giveBack();
    }
    if (permission.entry() != null) {
      keys.leave(permission.entry());
    }
  }

  /** The attempt begins: from here on it counts. */
  synchronized void begin(Permission permission) {
    permission.begin();
    switch (permission.kind()) {
      case FIRST -> needed++;
      case PROBE -> {
        needed++;
        probes++;
        probeGiven = false;
        probed = true;
        lastProbe = now();
      }
      case RETRY -> {
        retries++;
        budget.spend();
      }
    }
  }

  /** The peer answered. */
  synchronized void succeeded(Permission permission) {
    permission.end();
    successes++;
    budget.success();
    if (permission.entry() != null) {
      keys.succeeded(permission.entry());
    }
  }

  /**
   * The attempt failed.
   *
   * @param retryAfter how long the peer asks us to wait, or null
   */
  synchronized void failed(Permission permission, @Nullable Duration retryAfter) {
    permission.end();
    failures++;
    if (permission.entry() != null) {
      long now = now();
      long holdNanos = retryAfter == null ? 0 : Math.min(retryAfter.toNanos(), MAX_HOLD.toNanos());
      keys.failed(permission.entry(), now + Math.max(coolDownNanos, holdNanos), now + holdNanos);
    }
  }

  synchronized Figures figures() {
    return new Figures(needed, probes, retries, successes, failures, budget.available());
  }

  private Admission.Admitted admitted(Permission.Kind kind, FailedKeys.@Nullable Entry entry) {
    if (entry != null) {
      keys.enter(entry);
    }
    return new Admission.Admitted(new Permission(kind, entry));
  }

  private long now() {
    // From 1 on: zero stands for never.
    return nanoTime.getAsLong() - origin + 1;
  }
}
