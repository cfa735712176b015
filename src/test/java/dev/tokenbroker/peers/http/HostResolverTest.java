package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HostResolver.Resolved;
import dev.tokenbroker.process.runtime.Latch;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostResolverTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final Duration LONG = Duration.ofHours(1);

  private final Latch release = new Latch(1);
  private final Latch full = new Latch(HostResolver.MAX_LOOKUPS);

  @Test
  void lets_many_hosts_wait_for_their_turn() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    HostResolver resolver =
        new HostResolver(
            host -> {
              most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              full.countDown();
              full.await();
              atOnce.decrementAndGet();
              return loopback();
            },
            LONG);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Resolved>> all = new ArrayList<>();
      for (int host = 0; host < 10 * HostResolver.MAX_LOOKUPS; host++) {
        String name = "host-" + host + ".example";
        all.add(CompletableFuture.supplyAsync(() -> resolver.resolve(name, FAR), threads));
      }
      for (CompletableFuture<Resolved> one : all) {
        assertThat(one.get()).isInstanceOf(Resolved.ResolvedAddresses.class);
      }
    }
    assertThat(most).hasValue(HostResolver.MAX_LOOKUPS);
  }

  @Test
  void says_overloaded_to_whoever_gets_no_turn_in_time() {
    HostResolver resolver = hanging(LONG);
    occupyAllTurns(resolver);

    Resolved late = resolver.resolve("late.example", Deadline.after(Duration.ofMillis(50)));

    assertThat(why(late).kind()).isEqualTo(FetchFailure.OVERLOADED);
    assertThat(why(late).detail()).isEqualTo("the broker has too many fetches under way");
    release.countDown();
  }

  @Test
  void gives_the_turns_of_lookups_that_hang_to_others() {
    HostResolver resolver = hanging(Duration.ofMillis(500));
    occupyAllTurns(resolver);

    assertThat(resolver.resolve("late.example", FAR))
        .isInstanceOf(Resolved.ResolvedAddresses.class);
    assertThat(why(resolver.resolve("hanging-0.example", FAR)).kind())
        .isEqualTo(FetchFailure.TIMED_OUT);
    release.countDown();
  }

  @Test
  void looks_a_host_up_again_once_there_are_threads_for_it_again() {
    AtomicReference<@Nullable Throwable> trouble = new AtomicReference<>();
    HostResolver resolver =
        new HostResolver(
            host -> loopback(),
            LONG,
            lookup -> {
              switch (trouble.get()) {
                case Error noThread -> throw noThread;
                case RuntimeException full -> throw full;
                case null, default -> lookup.run();
              }
            });
    // For the error that the JVM throws, an OutOfMemoryError, which JUnit would not outlive.
    for (Throwable none :
        List.of(new InternalError("no native thread"), new RejectedExecutionException())) {
      trouble.set(none);
      // More than there are turns: each comes back.
      for (int time = 0; time <= HostResolver.MAX_LOOKUPS; time++) {
        assertThat(why(resolver.resolve("host.example", FAR)).kind())
            .isEqualTo(FetchFailure.OVERLOADED);
      }
      trouble.set(null);
      assertThat(resolver.resolve("host.example", FAR))
          .isInstanceOf(Resolved.ResolvedAddresses.class);
    }
  }

  private HostResolver hanging(Duration lookupLimit) {
    return new HostResolver(
        host -> {
          if (host.startsWith("hanging")) {
            full.countDown();
            release.await();
          }
          return loopback();
        },
        lookupLimit);
  }

  private void occupyAllTurns(HostResolver resolver) {
    for (int host = 0; host < HostResolver.MAX_LOOKUPS; host++) {
      String name = "hanging-" + host + ".example";
      Thread.ofVirtual().start(() -> resolver.resolve(name, FAR));
    }
    full.await();
  }

  private static CallFailed why(Resolved resolved) {
    assertThat(resolved).isInstanceOf(CallFailed.class);
    return (CallFailed) resolved;
  }

  private static InetAddress[] loopback() {
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }
}
