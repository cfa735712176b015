package dev.tokenbroker.evaluate.exchange.admission;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** More load than can be served: two arrive for each that is begun, once a millisecond. */
public final class TestOverload {

  private static final Duration TICK = Duration.ofMillis(1);

  private final Admission admission;
  private final TestClock processors;
  private final Queue<Admitted.Permit> waiting = new ArrayDeque<>();

  private TestOverload(Admission admission, TestClock processors) {
    this.admission = admission;
    this.processors = processors;
  }

  /** Loads until the broker is overloaded. */
  public static TestOverload of(Admission admission, TestClock processors) {
    TestOverload overload = new TestOverload(admission, processors);
    while (!admission.status().overloaded()) {
      overload.tick();
    }
    return overload;
  }

  /** Keeps the load up for that long. */
  public void goOn(Duration time) {
    for (long millis = 0; millis < time.toMillis(); millis++) {
      tick();
    }
  }

  /** Lets one more wait: begins who waits until there is a place, while no time passes. */
  public Admitted.Permit admit(CredentialDigest credential) {
    while (admission.status().waiting() >= admission.status().limit()) {
      beginNext();
    }
    return (Admitted.Permit) admission.admit(credential, enough());
  }

  /** All who wait leave at once. */
  void leave() {
    waiting.forEach(Admitted.Permit::close);
    waiting.clear();
  }

  private void tick() {
    for (int at = 0; at < 2; at++) {
      if (admission.admit(enough()) instanceof Admitted.Permit permit) {
        waiting.add(permit);
      }
    }
    beginNext();
    processors.advance(TICK);
  }

  private void beginNext() {
    try (Admitted.Permit next = waiting.remove()) {
      next.begin(enough());
    }
  }
}
