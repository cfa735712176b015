package dev.tokenbroker.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.possession.TokenType;
import dev.tokenbroker.runtime.Latch;
import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cache and single flight together, as callers use them: everybody comes at once. */
@Timeout(60)
class HerdTest {

  private static final int CALLERS = 2_000;
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final Deadline LONG = Deadline.after(Duration.ofMinutes(1));

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TestClock clock = new TestClock();
  private final TokenCache<String, String> cache =
      new TokenCache<>(
          TestCacheSettings.defaults(),
          _ -> List.of(),
          _ -> false,
          clock::nanoTime,
          () -> new Random(1));
  private final SingleFlight<String, Supplier<IssuedToken>, IssuedToken> flights =
      new SingleFlight<>();
  private final AtomicInteger calls = new AtomicInteger();

  /** The work goes on when this is open. */
  private Latch upstream = new Latch(0);

  /** Counts those who share a flight. */
  private Latch arrived = new Latch(0);

  @AfterEach
  void stop() {
    upstream.countDown();
    threads.close();
  }

  @Test
  void makes_one_call_for_2_000_callers_at_the_expiry_of_their_token() throws Exception {
    assertThat(get(LONG)).isEqualTo("call 1");
    assertThat(get(LONG)).isEqualTo("call 1");
    clock.advance(Duration.ofMinutes(8));
    upstream = new Latch(1);
    arrived = new Latch(CALLERS);
    List<Future<String>> callers = new ArrayList<>();
    for (int at = 0; at < CALLERS; at++) {
      callers.add(threads.submit(() -> get(LONG)));
    }
    arrived.await();
    upstream.countDown();
    for (Future<String> caller : callers) {
      assertThat(caller.get()).isEqualTo("call 2");
    }
    assertThat(calls).hasValue(2);
    assertThat(flights.underWay()).isZero();
  }

  @Test
  void lets_the_hasty_leave_and_serves_the_others() throws Exception {
    upstream = new Latch(1);
    Deadline passed = Deadline.after(Duration.ZERO);
    List<Future<String>> patient = new ArrayList<>();
    List<Future<String>> hasty = new ArrayList<>();
    for (int at = 0; at < CALLERS; at++) {
      boolean leaves = at % 2 == 0;
      (leaves ? hasty : patient).add(threads.submit(() -> get(leaves ? passed : LONG)));
    }
    for (Future<String> caller : hasty) {
      assertThat(caller.get()).isEqualTo("left");
    }
    assertThat(flights.underWay()).isEqualTo(1);
    upstream.countDown();
    for (Future<String> caller : patient) {
      assertThat(caller.get()).isEqualTo("call 1");
    }
    assertThat(calls).hasValue(1);
  }

  /**
   * The gap between missing and joining: callers who looked into the cache before the flight stored
   * its token come to join after it landed.
   */
  @Test
  void makes_one_call_however_callers_and_landing_fall_together() throws Exception {
    for (int round = 1; round <= 300; round++) {
      Latch together = new Latch(1);
      Callable<String> caller =
          () -> {
            together.await();
            return get(LONG);
          };
      List<Future<String>> callers =
          IntStream.range(0, 20).mapToObj(at -> threads.submit(caller)).toList();
      together.countDown();
      for (Future<String> answer : callers) {
        assertThat(answer.get()).isEqualTo("call " + round);
      }
      assertThat(calls).hasValue(round);
      clock.advance(LIFE);
    }
  }

  /** The id of the token that a caller gets, or "left". */
  private String get(Deadline deadline) throws InterruptedException {
    if (cache.find("key", clock.instant(), (_, _) -> true) instanceof Lookup.Hit<String> hit) {
      return hit.cached().token().id();
    }
    Flight<Supplier<IssuedToken>, IssuedToken> flight = flights.join("key", this::fetch);
    arrived.countDown();
    CountDownLatch landed = new CountDownLatch(1);
    flight.whenDone(landed::countDown);
    boolean waited = landed.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    return waited ? flight.result().id() : "left";
  }

  private IssuedToken fetch() {
    if (cache.peek("key", clock.instant(), (_, _) -> true) instanceof Lookup.Hit<String> hit) {
      return hit.cached().token();
    }
    IssuedToken token =
        new IssuedToken(
            "value",
            "call " + calls.incrementAndGet(),
            clock.instant(),
            clock.instant().plus(LIFE),
            List.of(),
            IssuedToken.ACCESS_TOKEN,
            TokenType.BEARER);
    upstream.await();
    cache.store("key", token, clock.instant().plus(LIFE), "origin", clock.instant());
    return token;
  }
}
