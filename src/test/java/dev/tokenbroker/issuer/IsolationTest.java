package dev.tokenbroker.issuer;

import static dev.tokenbroker.outcome.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.jose.VerificationKey;
import dev.tokenbroker.outbound.TestTls;
import dev.tokenbroker.outbound.UpstreamClient;
import dev.tokenbroker.outbound.UpstreamClients;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Outcomes;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one issuer does to another: nothing. Over real sockets and in real time. */
@Timeout(60)
class IsolationTest {

  private static final KeyTimes TIMES =
      new KeyTimes(
          Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofHours(1));
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final Vertx vertx = Vertx.vertx();

  @TempDir Path directory;

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void an_issuer_that_hangs_does_not_slow_another() throws InterruptedException {
    KeySources sources = sources(UpstreamClients.loopback(vertx, Duration.ofSeconds(30)));
    List<Thread> stuck = new ArrayList<>();
    AtomicInteger ended = new AtomicInteger();
    try (FakeIssuer hanging = FakeIssuer.start();
        FakeIssuer healthy = FakeIssuer.start()) {
      hanging.answer(FakeIssuer.Answer.HANG);
      KeySetSource slow = sources.remote(new KeyLocation(hanging.issuer(), null, null));
      KeySetSource fast = sources.remote(new KeyLocation(healthy.issuer(), null, null));
      for (int caller = 0; caller < 500; caller++) {
        stuck.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      slow.keys("any", FAR);
                      ended.incrementAndGet();
                    }));
      }

      Deadline soon = Deadline.after(Duration.ofSeconds(20));
      for (int call = 0; call < 1000; call++) {
        accepted(fast.keys(healthy.kid(), soon));
      }

      assertThat(ended).hasValue(0);
      Outcome<List<VerificationKey>> impatient =
          slow.keys("any", Deadline.after(Duration.ofMillis(50)));
      assertThat(Outcomes.reason(impatient)).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
      // Only who has been reached hangs up when closed.
      assertThat(Eventually.see(hanging::requests, reached -> reached > 0)).isEqualTo(1);
    }
    for (Thread caller : stuck) {
      caller.join();
    }
    assertThat(ended).hasValue(500);
  }

  @Test
  void an_untrusted_root_is_named_and_a_named_one_is_trusted() {
    try (FakeIssuer issuer = FakeIssuer.startTls()) {
      TestTls tls = issuer.tls();
      KeySources sources =
          sources(
              UpstreamClients.trusting(
                  vertx, Duration.ofSeconds(10), Map.of("corp-ca", tls.writeRoot(directory))));

      Outcome<List<VerificationKey>> untrusted =
          sources.remote(new KeyLocation(issuer.issuer(), null, null)).keys(null, FAR);
      assertThat(Outcomes.reason(untrusted)).isEqualTo(RefusalReason.ISSUER_TLS_UNTRUSTED);
      accepted(
          sources
              .remote(new KeyLocation(issuer.issuer(), null, "corp-ca"))
              .keys(issuer.kid(), FAR));
    }
  }

  @Test
  void the_clock_of_an_issuer_is_measured_to_the_second() {
    try (FakeIssuer issuer = FakeIssuer.start()) {
      issuer.clockOffset(Duration.ofSeconds(-90));
      KeySetSource keys =
          sources(UpstreamClients.loopback(vertx, Duration.ofSeconds(10)))
              .remote(new KeyLocation(issuer.issuer(), null, null));
      accepted(keys.keys(issuer.kid(), FAR));

      // Half a second for what Date cuts off either way, and some for a busy machine.
      assertThat(keys.status().clockOffset())
          .isNotNull()
          .extracting(ClockOffset::measured, InstanceOfAssertFactories.DURATION)
          .isBetween(Duration.ofSeconds(-92), Duration.ofSeconds(-88));
    }
  }

  private static KeySources sources(UpstreamClient client) {
    TestClock clock = new TestClock();
    return new KeySources(
        client::get,
        TIMES,
        new Clocks(InstantSource.system(), clock::nanoTime),
        ChangeListener.NONE);
  }
}
