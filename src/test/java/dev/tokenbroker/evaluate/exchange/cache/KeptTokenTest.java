package dev.tokenbroker.evaluate.exchange.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.policy.RuledGrants;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeptTokenTest {

  private final TestClock clock = new TestClock();
  private final TestFlights flights = new TestFlights(clock);
  private final Random random = new Random(20261124);

  @Test
  void draws_the_refresh_between_50_and_80_percent_of_life() {
    List<Double> parts = parts(2_000, Duration.ofMinutes(10));

    assertThat(parts).allSatisfy(part -> assertThat(part).isBetween(0.5, 0.8));
    assertThat(parts).anyMatch(part -> part < 0.51).anyMatch(part -> part > 0.79);
  }

  /** Served for 30 of its 60 s: the refresh still comes due within. */
  @Test
  void schedules_the_refresh_of_a_short_token_while_it_is_served() {
    assertThat(parts(200, Duration.ofSeconds(60)))
        .allSatisfy(part -> assertThat(part).isBetween(0.3125, 0.5));
  }

  @Test
  void gives_its_refresh_to_one_caller() {
    KeptToken kept = kept(Duration.ofMinutes(10), true);
    clock.advance(Duration.ofMinutes(8));

    assertThat(kept.takeRefresh(clock.instant())).isTrue();
    assertThat(kept.takeRefresh(clock.instant())).isFalse();
  }

  @Test
  void gives_no_refresh_where_none_is_to_be() {
    KeptToken kept = kept(Duration.ofMinutes(10), false);
    clock.advance(Duration.ofDays(1));

    assertThat(kept.takeRefresh(clock.instant())).isFalse();
  }

  @Test
  void gives_a_postponed_refresh_to_one_later_caller() {
    KeptToken kept = kept(Duration.ofMinutes(10), true);
    clock.advance(Duration.ofMinutes(8));
    assertThat(kept.takeRefresh(clock.instant())).isTrue();

    kept.putOffRefresh(clock.instant().plusSeconds(1));

    clock.advance(Duration.ofSeconds(1).minusNanos(1));
    assertThat(kept.takeRefresh(clock.instant())).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(kept.takeRefresh(clock.instant())).isTrue();
    assertThat(kept.takeRefresh(clock.instant())).isFalse();
  }

  @Test
  void brings_no_refresh_forward_by_putting_it_off() {
    KeptToken kept = kept(Duration.ofHours(1), true);

    kept.putOffRefresh(clock.instant());

    clock.advance(Duration.ofSeconds(2));
    assertThat(kept.takeRefresh(clock.instant())).isFalse();
  }

  @Test
  void names_its_successor_while_that_is_being_made() {
    KeptToken kept = kept(Duration.ofMinutes(10), true);
    assertThat(kept.successor()).isNull();
    Flight refresh = flights.flight("key");

    kept.succeededBy(refresh);

    assertThat(kept.successor()).isSameAs(refresh);
    refresh.complete(
        new IssuedTokens.CacheEntry(flights.granted(flights.token(Duration.ofMinutes(10))), null));
    assertThat(kept.successor()).isNull();
  }

  @Test
  void names_no_successor_that_was_put_off() {
    KeptToken kept = kept(Duration.ofMinutes(10), true);
    kept.succeededBy(flights.flight("key"));

    kept.putOffRefresh(clock.instant());

    assertThat(kept.successor()).isNull();
  }

  @Test
  void is_the_same_result_for_each_caller_who_is_given_it() {
    KeptToken kept = kept(Duration.ofMinutes(10), true);

    assertThat(kept.hit()).isSameAs(kept.hit());
    assertThat(kept.hit().trail().findings()).isSameAs(kept.hit().trail().findings());
  }

  private List<Double> parts(int draws, Duration life) {
    return IntStream.range(0, draws).mapToObj(at -> refreshPart(life)).toList();
  }

  /** At what part of its life the refresh of a token comes due, to a thousandth. */
  private double refreshPart(Duration life) {
    KeptToken kept = kept(life, true);
    for (int thousandth = 0; thousandth <= 1_000; thousandth++) {
      Instant at = clock.instant().plus(life.multipliedBy(thousandth).dividedBy(1_000));
      if (kept.takeRefresh(at)) {
        return thousandth / 1_000.0;
      }
    }
    throw new AssertionError("no refresh comes due");
  }

  private KeptToken kept(Duration life, boolean refreshed) {
    IssuedToken token = flights.token(life);
    Provenance origin =
        new Provenance(
            VerifiedIdentities.of(RuledGrants.ISSUER, Map.of()),
            Grants.of("payments-api", "somebody"),
            "v1",
            List.of(),
            0);
    return new KeptToken(token, origin, TestFlights.FAR, refreshed, clock.instant(), random);
  }
}
