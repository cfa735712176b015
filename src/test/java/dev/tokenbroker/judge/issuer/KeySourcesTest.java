package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.TIMES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KeySourcesTest {

  private static final KeyLocation HERE = new KeyLocation(ScriptedIssuer.ISSUER, null, null);
  private static final KeyLocation BY_CORP_CA =
      new KeyLocation(ScriptedIssuer.ISSUER, null, "corp-ca");
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final TestClock clock = new TestClock();
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a");
  private final KeySources sources = new KeySources(issuer, TIMES, clock, ChangeListener.NONE);

  @Test
  void gives_the_same_source_for_the_same_place() {
    assertThat(sources.remote(HERE)).isSameAs(sources.remote(HERE));
    assertThat(sources.remote(HERE)).isNotSameAs(sources.remote(BY_CORP_CA));
  }

  @Test
  void fetches_nothing_before_it_is_asked() {
    sources.remote(HERE);

    assertThat(issuer.fetches()).isZero();
  }

  @Test
  void keeps_keys_and_budget_across_revisions() {
    KeySetSource keys = sources.remote(HERE);
    accepted(keys.keys("a", FAR));

    for (int revision = 0; revision < 100; revision++) {
      sources.retain(Set.of());
      sources.retain(Set.of(HERE));
      accepted(sources.remote(HERE).keys("a", FAR));
      sources.prefetch(List.of(HERE));
      assertThat(reason(sources.remote(HERE).keys("new", FAR)))
          .isIn(RefusalReason.KEY_UNKNOWN, RefusalReason.KEY_REFETCH_COOLING_DOWN);
    }

    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  @Timeout(60)
  void prefetches_many_sources_a_few_at_a_time() {
    int many = 10 * KeySources.MAX_PREFETCHES;
    Latch full = new Latch(KeySources.MAX_PREFETCHES);
    Latch done = new Latch(many);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    KeySources slow =
        new KeySources(
            (request, deadline) -> {
              most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              full.countDown();
              full.await();
              atOnce.decrementAndGet();
              done.countDown();
              return new CallFailed(FetchFailure.UNREACHABLE, "told to fail");
            },
            TIMES,
            clock,
            ChangeListener.NONE);
    List<KeyLocation> locations = new ArrayList<>();
    for (int source = 0; source < many; source++) {
      locations.add(new KeyLocation("https://issuer-" + source + ".example", null, null));
    }

    slow.prefetch(locations);

    done.await();
    assertThat(most).hasValue(KeySources.MAX_PREFETCHES);
  }

  @Test
  void forgets_what_was_long_not_used() {
    KeySetSource keys = sources.remote(HERE);
    sources.retain(Set.of());
    clock.advance(Duration.ofHours(2));

    assertThat(sources.remote(HERE)).isNotSameAs(keys);
  }

  @Test
  void refuses_times_that_make_no_sense() {
    Duration some = Duration.ofMinutes(1);
    Duration tooLong = Duration.ofDays(8);
    assertRefused("key-cool-down", Duration.ofMillis(99), some, some, some);
    assertRefused("key-cool-down", Duration.ofMinutes(61), some, some, some);
    assertRefused("min-key-ttl", some, tooLong, tooLong, some);
    assertRefused("max-key-ttl", some, some, tooLong, some);
    assertRefused("max-stale", some, some, some, tooLong);
    assertRefused("key-cool-down", Duration.ZERO, some, some, some);
    assertRefused("min-key-ttl", some, Duration.ZERO, some, some);
    assertRefused("max-key-ttl", some, some, some.minusNanos(1), some);
    assertRefused("max-stale", some, some, some, some.negated());
  }

  private static void assertRefused(
      String setting, Duration coolDown, Duration minTtl, Duration maxTtl, Duration maxStale) {
    assertThatThrownBy(() -> new KeyTimes(coolDown, minTtl, maxTtl, maxStale))
        .hasMessageContaining("token-broker.issuer." + setting);
  }
}
