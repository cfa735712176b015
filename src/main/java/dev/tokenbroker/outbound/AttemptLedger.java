package dev.tokenbroker.outbound;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which attempts may be sent to one peer, and counts them: in any window, attempts ≤ needed
 * + burst + ratio × successes, whatever callers do.
 *
 * <p>With several replicas, burst and probe interval are the part of this one ({@link GuardShare}).
 *
 * <p>An attempt is <em>needed</em> on one of two grounds. FIRST: when it is admitted, no attempt
 * for its key is under way, and none failed within the cool-down without a success since. PROBE:
 * the circuit is not closed, and no attempt was admitted on this ground within the probe interval.
 * Every other attempt is a <em>retry</em> and takes a token of the {@link RetryBudget}: a second
 * attempt within one call, one of another call for the same key, one that a caller repeats too
 * soon.
 *
 * <p>Proof. Each attempt has a {@link Permission} of one kind. The budget's promise bounds the
 * retries in a window; all others are needed by definition. The bound is useful because few
 * attempts are needed: two needed attempts for one key, with no success for it in between, begin at
 * least a cool-down apart, and two probes at least a probe interval. So a window of length W has at
 * most distinct keys + their successes + their cool-downs in W + (1 + W / probe interval) needed
 * ones.
 *
 * <p>The memory for keys is bounded and forgets nothing within the cool-down. When it is full, an
 * unknown key may be one that failed a moment ago, so its attempts take tokens and are not
 * remembered. Needed attempts are always remembered; the spacing above rests on that.
 *
 * <p>Safe for use by several threads: one short lock. Times are monotonic.
 */
final class AttemptLedger {

  /** The number of keys that may fail within one cool-down before the memory is full. */
  static final int MAX_KEYS = 10_000;

  /** The longest time for which a peer's Retry-After blocks a key. */
  static final Duration MAX_HOLD = Duration.ofMinutes(1);

  private final long coolDownNanos;
  private final GuardShare share;
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

  /** The decision about an attempt. */
  sealed interface AttemptAdmission {
    record AttemptAdmitted(Permission permission) implements AttemptAdmission {}

    /** The peer's Retry-After has not passed yet; the delay is what remains of it. */
    record Held(Duration delay) implements AttemptAdmission {}

    /** No retry is left; the delay lasts until an attempt for the key is needed again. */
    record AttemptRefused(Duration delay) implements AttemptAdmission {}
  }

  /** The counters, the tokens that are available, and those that no success has paid for. */
  record Figures(
      long needed,
      long probes,
      long retries,
      long successes,
      long failures,
      double tokens,
      double granted) {}

  AttemptLedger(GuardSettings settings, GuardShare share, int maxKeys, LongSupplier nanoTime) {
    this.coolDownNanos = settings.coolDown().toNanos();
    this.share = share;
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
    this.budget = new RetryBudget(share::retryBurst, settings.retryRatio());
    this.keys = new FailedKeys(maxKeys);
  }

  /**
   * Admits the first attempt of a call, or refuses it.
   *
   * @param closed whether the circuit is closed; if it is not, one attempt has to probe
   */
  synchronized AttemptAdmission admit(Object key, boolean closed) {
    long now = now();
    FailedKeys.FailedKey entry = keys.find(key, now);
    if (entry == null && !keys.isFull()) {
      return new AttemptAdmission.AttemptAdmitted(
          new Permission(Permission.PermissionKind.FIRST, keys.add(key)));
    }
    if (entry != null && entry.heldUntil() > now) {
      return new AttemptAdmission.Held(Duration.ofNanos(entry.heldUntil() - now));
    }
    if (!closed && !probeGiven && mayProbe(now)) {
      probeGiven = true;
      return admitted(Permission.PermissionKind.PROBE, entry);
    }
    if (budget.reserve()) {
      return admitted(Permission.PermissionKind.RETRY, entry);
    }
    long wait = entry == null ? 0 : entry.neededFrom() - now;
    return new AttemptAdmission.AttemptRefused(Duration.ofNanos(wait > 0 ? wait : coolDownNanos));
  }

  /** Admits a further attempt of a call, which always takes a token; null where none is left. */
  synchronized @Nullable Permission admitRetry(Object key) {
    if (!budget.reserve()) {
      return null;
    }
    FailedKeys.FailedKey entry = keys.find(key, now());
    if (entry == null && !keys.isFull()) {
      return new Permission(Permission.PermissionKind.RETRY, keys.add(key));
    }
    return admitted(Permission.PermissionKind.RETRY, entry).permission();
  }

  /** Gives the permission back, since the attempt is not made. */
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

  /** The attempt begins, and counts from here on. */
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
    return new Figures(
        needed, probes, retries, successes, failures, budget.available(), budget.granted());
  }

  private boolean mayProbe(long now) {
    return !probed || now - lastProbe >= share.probeInterval().toNanos();
  }

  private AttemptAdmission.AttemptAdmitted admitted(
      Permission.PermissionKind kind, FailedKeys.@Nullable FailedKey entry) {
    if (entry != null) {
      keys.enter(entry);
    }
    return new AttemptAdmission.AttemptAdmitted(new Permission(kind, entry));
  }

  private long now() {
    // The first time is 1, since zero stands for never.
    return nanoTime.getAsLong() - origin + 1;
  }
}
