package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Admission before two processors in virtual time: Poisson arrivals, one queue, log-normal service.
 * A small part of the queue is served out of turn, as by a scheduler with several queues.
 */
final class SimulatedBroker {

  static final int PROCESSORS = 2;

  private static final double OUT_OF_TURN = 0.05;
  private static final double SPREAD = 0.8326; // A standard deviation as large as the mean.
  private static final Deadline LONG = Deadline.after(Duration.ofHours(1));
  private static final CredentialDigest[] CREDENTIALS = new CredentialDigest[1_000];

  static {
    Arrays.setAll(CREDENTIALS, at -> CredentialDigest.of("credential " + at));
  }

  private final Random random;
  private final long serviceNanos;
  private final Admission admission;
  private final ArrayDeque<Call> queue = new ArrayDeque<>();
  private final PriorityQueue<Service> services = new PriorityQueue<>();
  private long now;
  private long stoppedUntil;
  private int arrivals;

  private record Call(Admitted.Permit permit, long arrived, Run run) {}

  private record Service(long ends, Call call) implements Comparable<Service> {
    @Override
    public int compareTo(Service other) {
      return Long.compare(ends, other.ends);
    }
  }

  /** What came of a while of load. */
  static final class Run {
    final List<Long> responseNanos = new ArrayList<>();
    final List<Long> waitNanos = new ArrayList<>();
    long refused;
    long withoutPushback;
    int mostWaiting;

    /** Callers ask again as soon as they are answered, until then. */
    private long closedUntil = Long.MIN_VALUE;

    long done() {
      return responseNanos.size();
    }

    Duration response(double part) {
      return quantile(responseNanos, part);
    }

    /** How long those who were begun had waited for a processor. */
    Duration wait(double part) {
      return quantile(waitNanos, part);
    }

    private static Duration quantile(List<Long> nanos, double part) {
      List<Long> sorted = nanos.stream().sorted().toList();
      return Duration.ofNanos(sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * part)));
    }

    private void refuse(Admitted.NotAdmitted answer) {
      refused++;
      withoutPushback += answer.refusal().retryAfter() == null ? 1 : 0;
    }
  }

  SimulatedBroker(long seed, Duration service, AdmissionSettings settings) {
    this.random = new Random(seed);
    this.serviceNanos = service.toNanos();
    this.admission =
        new Admission(
            settings, PROCESSORS, new TestClocks(Clocks.system(), () -> now, () -> random));
  }

  Admission admission() {
    return admission;
  }

  /** Calls a second that it can serve at most. */
  double capacity() {
    return PROCESSORS * 1e9 / serviceNanos;
  }

  /** Load of that rate for that long; what still waits then is worked off in the next run. */
  Run load(double perSecond, Duration time) {
    return load(perSecond, time, Duration.ofDays(1), Duration.ZERO);
  }

  /** The same, while everything stands still for {@code stop} once every {@code every}. */
  Run load(double perSecond, Duration time, Duration every, Duration stop) {
    Run run = new Run();
    long end = now + time.toNanos();
    long nextStop = now + every.toNanos();
    while (true) {
      long arrival = now + (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
      if (arrival > end) {
        serveUntil(end);
        return run;
      }
      if (arrival >= nextStop) {
        stoppedUntil = nextStop + stop.toNanos();
        nextStop += every.toNanos();
      }
      serveUntil(arrival);
      arrive(run);
    }
  }

  /** That many calls at once, until all are answered. */
  Run burst(int calls) {
    Run run = new Run();
    for (int at = 0; at < calls; at++) {
      arrive(run);
    }
    serveUntil(now + Duration.ofSeconds(2).toNanos());
    return run;
  }

  /** So many callers, each of whom asks again as soon as it is answered. */
  Run closedLoop(int callers, Duration time) {
    Run run = new Run();
    run.closedUntil = now + time.toNanos();
    for (int at = 0; at < callers; at++) {
      arrive(run);
    }
    serveUntil(run.closedUntil);
    return run;
  }

  /** That many calls that get a processor, give it back, and wait for an upstream that hangs. */
  List<Admitted.Permit> hang(int calls) {
    List<Admitted.Permit> hanging = new ArrayList<>();
    for (int at = 0; at < calls; at++) {
      if (ask() instanceof Admitted.Permit permit && permit.begin(LONG) == permit) {
        hanging.add(permit);
      }
      now += Duration.ofMillis(1).toNanos();
    }
    return hanging;
  }

  private Admitted ask() {
    return admission.admit(CREDENTIALS[arrivals++ % CREDENTIALS.length], LONG);
  }

  private void arrive(Run run) {
    switch (ask()) {
      case Admitted.Permit permit -> queue.add(new Call(permit, now, run));
      case Admitted.NotAdmitted refused -> run.refuse(refused);
    }
    run.mostWaiting = Math.max(run.mostWaiting, queue.size());
    begin();
  }

  private void begin() {
    while (services.size() < PROCESSORS && !queue.isEmpty()) {
      Call call = random.nextDouble() < OUT_OF_TURN ? queue.removeLast() : queue.removeFirst();
      if (call.permit().begin(LONG) instanceof Admitted.NotAdmitted refused) {
        call.run().refuse(refused);
        continue;
      }
      call.run().waitNanos.add(now - call.arrived());
      services.add(new Service(Math.max(now, stoppedUntil) + service(), call));
    }
  }

  private void serveUntil(long time) {
    while (!services.isEmpty() && services.element().ends() <= time) {
      Service ended = services.remove();
      now = Math.max(now, ended.ends());
      if (now < stoppedUntil) {
        services.add(new Service(stoppedUntil, ended.call()));
        continue;
      }
      ended.call().permit().close();
      Run run = ended.call().run();
      run.responseNanos.add(now - ended.call().arrived());
      if (now < run.closedUntil) {
        arrive(run);
      } else {
        begin();
      }
    }
    now = time;
  }

  private long service() {
    double power = SPREAD * random.nextGaussian() - SPREAD * SPREAD / 2;
    return Math.max(1, (long) (serviceNanos * Math.exp(power)));
  }
}
