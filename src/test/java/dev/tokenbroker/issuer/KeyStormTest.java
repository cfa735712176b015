package dev.tokenbroker.issuer;

import static dev.tokenbroker.outcome.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.jose.VerificationKey;
import dev.tokenbroker.outbound.UpstreamClients;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Outcomes;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.runtime.TestClock;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Over real sockets; only the time that passes is the test's. */
@Timeout(120)
@Tag("storm")
class KeyStormTest {

  private static final int LOOKUPS = 10_000;
  private static final KeyTimes TIMES =
      new KeyTimes(
          Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofHours(1));
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  private final FakeIssuer issuer = FakeIssuer.start();
  private final KeySources sources =
      new KeySources(
          UpstreamClients.loopback(vertx, Duration.ofSeconds(10))::get,
          TIMES,
          new Clocks(clock, clock::nanoTime),
          ChangeListener.NONE);
  private final KeySetSource keys = sources.remote(new KeyLocation(issuer.issuer(), null, null));

  @AfterEach
  void stop() {
    issuer.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void ten_thousand_random_names_cause_one_fetch_a_cool_down_and_valid_ones_pass()
      throws InterruptedException {
    accepted(keys.keys(issuer.kid(), FAR));
    for (int coolDown = 1; coolDown <= 3; coolDown++) {
      clock.advance(TIMES.coolDown());
      int before = issuer.requests();

      Map<RefusalReason, AtomicInteger> refusals = storm(coolDown);

      assertThat(issuer.requests() - before).isEqualTo(1);
      assertThat(refusals.values().stream().mapToInt(AtomicInteger::get).sum()).isEqualTo(LOOKUPS);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "GOOD", mode = EnumSource.Mode.EXCLUDE)
  void good_keys_survive_every_bad_answer(FakeIssuer.Answer answer) {
    // Long enough for a busy machine, short only where it is waited for.
    Duration timeout = Duration.ofSeconds(answer == FakeIssuer.Answer.HANG ? 3 : 30);
    KeySources patient =
        new KeySources(
            UpstreamClients.loopback(vertx, timeout)::get,
            TIMES,
            new Clocks(clock, clock::nanoTime),
            ChangeListener.NONE);
    KeySetSource held = patient.remote(new KeyLocation(issuer.issuer(), issuer.jwksUri(), null));
    accepted(held.keys(issuer.kid(), FAR));
    issuer.answer(answer);
    clock.advance(TIMES.coolDown());

    // Waits for the fetch and its bad end.
    Outcome<List<VerificationKey>> unknown = held.keys("unknown", FAR);

    assertThat(Outcomes.reason(unknown)).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(held.status().failures()).isEqualTo(1);
    assertThat(accepted(held.keys(issuer.kid(), FAR))).hasSize(1);

    issuer.answer(FakeIssuer.Answer.GOOD);
    String rotated = issuer.rotate();
    clock.advance(TIMES.coolDown());
    assertThat(accepted(held.keys(rotated, FAR))).hasSize(1);
  }

  private Map<RefusalReason, AtomicInteger> storm(long seed) throws InterruptedException {
    Map<RefusalReason, AtomicInteger> refusals = new EnumMap<>(RefusalReason.class);
    for (RefusalReason reason :
        List.of(RefusalReason.KEY_UNKNOWN, RefusalReason.KEY_REFETCH_COOLING_DOWN)) {
      refusals.put(reason, new AtomicInteger());
    }
    Random random = new Random(seed);
    List<Thread> callers = new ArrayList<>();
    AtomicInteger passed = new AtomicInteger();
    String valid = issuer.kid();
    for (int lookup = 0; lookup < LOOKUPS; lookup++) {
      String kid = Long.toHexString(random.nextLong());
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    if (keys.keys(kid, FAR) instanceof Outcome.Refused<?> refused) {
                      AtomicInteger count = refusals.get(refused.refusal().reason());
                      if (count != null) {
                        count.incrementAndGet();
                      }
                    }
                    if (keys.keys(valid, FAR) instanceof Outcome.Accepted) {
                      passed.incrementAndGet();
                    }
                  }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(passed).hasValue(LOOKUPS);
    return refusals;
  }
}
