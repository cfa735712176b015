package dev.tokenbroker.exchange;

import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** More than can be done in time. */
final class TestOverload {

  private TestOverload() {}

  /** Two come for each that is begun, until too many wait; then they all leave. */
  static void of(Admission admission, TestClock processors) {
    Queue<Admitted.Permit> waiting = new ArrayDeque<>();
    while (!admission.status().overloaded()) {
      for (int at = 0; at < 2; at++) {
        waiting.add((Admitted.Permit) admission.admit(TestExchange.enough()));
      }
      try (Admitted.Permit next = waiting.remove()) {
        Admitted _ = next.begin();
      }
      processors.advance(Duration.ofMillis(1));
    }
    waiting.forEach(Admitted.Permit::close);
  }
}
