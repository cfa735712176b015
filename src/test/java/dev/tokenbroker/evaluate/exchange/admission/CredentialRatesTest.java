package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CredentialRatesTest {

  private static final CredentialDigest ONE = CredentialDigest.of("one");

  private final TestClock clock = new TestClock();
  private final CredentialRates rates = new CredentialRates(50, 100, clock::nanoTime);

  @Test
  void grants_the_burst_and_then_the_rate() {
    assertThat(granted(ONE, 150)).isEqualTo(100);
    clock.advance(Duration.ofSeconds(1));
    assertThat(granted(ONE, 150)).isEqualTo(50);
    clock.advance(Duration.ofMillis(20));
    assertThat(granted(ONE, 2)).isEqualTo(1);
  }

  @Test
  void says_when_the_next_may_be_had() {
    assertThat(granted(ONE, 100)).isEqualTo(100);
    long nanos = rates.take(ONE);
    assertThat(nanos).isEqualTo(Duration.ofMillis(20).toNanos());
    clock.advance(Duration.ofNanos(nanos).minusNanos(1));
    assertThat(rates.take(ONE)).isEqualTo(1);
    clock.advance(Duration.ofNanos(1));
    assertThat(rates.take(ONE)).isZero();
  }

  @Test
  void takes_nothing_where_it_refuses() {
    assertThat(granted(ONE, 10_000)).isEqualTo(100);
    clock.advance(Duration.ofMillis(20));
    assertThat(rates.take(ONE)).isZero();
  }

  @Test
  void saves_up_no_more_than_the_burst() {
    assertThat(granted(ONE, 100)).isEqualTo(100);
    clock.advance(Duration.ofHours(1));
    assertThat(granted(ONE, 1_000)).isEqualTo(100);
  }

  @Test
  void never_grants_more_than_burst_and_rate_over_any_time() {
    int granted = 0;
    for (int at = 0; at < 100_000; at++) {
      granted += rates.take(ONE) == 0 ? 1 : 0;
      clock.advance(Duration.ofNanos(100_000 + at % 7));
    }
    assertThat(granted).isBetween(599, 600);
  }

  @Test
  void holds_up_nobody_else() {
    assertThat(granted(ONE, 10_000)).isEqualTo(100);
    assertThat(granted(CredentialDigest.of("other"), 100)).isEqualTo(100);
  }

  @Test
  void gives_back_what_was_not_used() {
    assertThat(granted(ONE, 100)).isEqualTo(100);
    rates.giveBack(ONE);
    assertThat(granted(ONE, 2)).isEqualTo(1);
    rates.giveBack(CredentialDigest.of("never seen"));
  }

  @Test
  void does_not_limit_those_who_bring_none() {
    assertThat(granted(CredentialDigest.NONE, 10_000)).isEqualTo(10_000);
  }

  @Test
  void does_not_limit_where_it_is_switched_off() {
    CredentialRates off = new CredentialRates(0, 100, clock::nanoTime);
    for (int at = 0; at < 1_000; at++) {
      assertThat(off.take(ONE)).isZero();
    }
    off.giveBack(ONE);
  }

  /** Whoever hammers is not forgotten for the sake of a flood of others. */
  @Test
  void still_knows_who_hammers_through_a_flood_of_other_credentials() {
    int granted = 0;
    for (int at = 0; at < 50_000; at++) {
      rates.take(CredentialDigest.of("other " + at));
      granted += rates.take(ONE) == 0 ? 1 : 0;
    }
    assertThat(granted).isEqualTo(100);
  }

  private int granted(CredentialDigest credential, int asked) {
    int granted = 0;
    for (int at = 0; at < asked; at++) {
      granted += rates.take(credential) == 0 ? 1 : 0;
    }
    return granted;
  }
}
