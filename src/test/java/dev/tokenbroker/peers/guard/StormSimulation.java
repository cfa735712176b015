package dev.tokenbroker.peers.guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Guards in virtual time, one for each replica that calls the same upstream: the product's own
 * state and back-off, and in place of threads and semaphores the events of {@link VirtualTime}. For
 * one use.
 */
final class StormSimulation {

  static final GuardValues SETTINGS = GuardValues.defaults();
  private static final int CLIENTS = 1000;
  private static final double BEGIN = 3;
  private static final double RETURN = 15;
  private static final double END = 22;

  /** What is wrong with the upstream from the third second to the fifteenth. */
  enum Outage {
    TOTAL,
    FLAPPING,
    SLOW,
    PARTIAL
  }

  /** One storm. */
  record Storm(Outage outage, int replicas) {}

  /** What came of a run; the worst of several. */
  record Figures(
      long calls,
      long attemptsInOutage,
      double attemptsPerNeeded,
      double boundRatio,
      double outageBoundUsed,
      double backAfterSeconds,
      long peakAfter) {

    static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0, 0);

    Figures worse(Figures other) {
      return new Figures(
          Math.max(calls, other.calls),
          Math.max(attemptsInOutage, other.attemptsInOutage),
          Math.max(attemptsPerNeeded, other.attemptsPerNeeded),
          Math.max(boundRatio, other.boundRatio),
          Math.max(outageBoundUsed, other.outageBoundUsed),
          Math.max(backAfterSeconds, other.backAfterSeconds),
          Math.max(peakAfter, other.peakAfter));
    }
  }

  private final Storm storm;
  private final Random random;
  private final int keys;
  private final VirtualTime time = new VirtualTime();
  private final List<SimulatedGuard> guards = new ArrayList<>();
  private final RetryDebt debt;

  private long calls;
  private long attempts;
  private long attemptsInOutage;
  private double backAfter = Double.NaN;
  private final long[] perSecond = new long[(int) END + 1];

  /** The least of attempts so far less elapsed probe intervals, since the last success. */
  private double leastSinceSuccess = Double.POSITIVE_INFINITY;

  private double outageBoundUsed;

  StormSimulation(long seed, Storm storm) {
    this.storm = storm;
    this.random = new Random(seed);
    this.debt = RetryDebt.ofAll(SETTINGS, storm.replicas());
    // Each its own key, or many a few: then clients repeat each other's.
    this.keys = seed % 2 == 0 ? CLIENTS : 50;
    for (int replica = 0; replica < storm.replicas(); replica++) {
      guards.add(new SimulatedGuard(this, replica));
    }
  }

  Figures run() {
    for (int client = 0; client < CLIENTS; client++) {
      int key = client % keys;
      time.after(millis(random.nextInt(2_000)), () -> call(key));
    }
    time.runUntil(millis((long) (END * 1000)));
    List<PeerStatus> ends = guards.stream().map(SimulatedGuard::status).toList();
    long needed = ends.stream().mapToLong(PeerStatus::needed).sum();
    long peak = 0;
    for (int second = (int) RETURN; second < perSecond.length; second++) {
      peak = Math.max(peak, perSecond[second]);
    }
    return new Figures(
        calls,
        attemptsInOutage,
        (double) attempts / needed,
        ends.stream().mapToDouble(PeerStatus::boundRatio).max().orElseThrow(),
        outageBoundUsed,
        backAfter,
        peak);
  }

  Storm storm() {
    return storm;
  }

  VirtualTime time() {
    return time;
  }

  Random random() {
    return random;
  }

  /** A client comes back at once, that is after a turn of the network, whatever it was told. */
  void refused(int key) {
    time.after(millis(20L + random.nextInt(80)), () -> call(key));
  }

  void granted(int key) {
    time.after(millis(1_000L + random.nextInt(4_000)), () -> call(key));
  }

  private void call(int key) {
    calls++;
    // Any replica, as a load balancer has it.
    guards.get(guards.size() == 1 ? 0 : random.nextInt(guards.size())).call(key);
  }

  void began(GuardState.Ground kind) {
    if (kind == GuardState.Ground.RETRY) {
      debt.retry();
    }
    double intervals = (double) time.nanoTime() / SETTINGS.probeInterval().toNanos();
    leastSinceSuccess = Math.min(leastSinceSuccess, attempts - intervals);
    attempts++;
    perSecond[(int) seconds()]++;
    attemptsInOutage += isOutage() ? 1 : 0;
    // Attempts in the worst window that ends now and has no success, less its time term.
    double used = attempts - intervals - leastSinceSuccess;
    double allowed =
        Math.max(SETTINGS.circuitFailures() + SETTINGS.concurrency(), 2 * storm.replicas());
    outageBoundUsed = Math.max(outageBoundUsed, used / allowed);
    if (used > allowed + 1e-9) {
      throw new AssertionError("more attempts without a success than the outage bound");
    }
  }

  void succeeded() {
    debt.success();
    leastSinceSuccess = Double.POSITIVE_INFINITY;
    if (seconds() >= RETURN && Double.isNaN(backAfter)) {
      backAfter = seconds() - RETURN;
    }
  }

  long answerMillis() {
    if (isOutage() && storm.outage() == Outage.SLOW) {
      return 3_000L + random.nextInt(5_000);
    }
    return isOutage() && storm.outage() == Outage.TOTAL
        ? 1L + random.nextInt(4)
        : 5L + random.nextInt(25);
  }

  boolean fails() {
    return isOutage()
        && switch (storm.outage()) {
          case TOTAL -> true;
          case FLAPPING -> (seconds() - BEGIN) % 1.5 < 1;
          case SLOW -> false;
          case PARTIAL -> random.nextInt(100) < 60;
        };
  }

  private boolean isOutage() {
    return seconds() >= BEGIN && seconds() < RETURN;
  }

  private double seconds() {
    return time.nanoTime() / 1e9;
  }

  static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }
}
