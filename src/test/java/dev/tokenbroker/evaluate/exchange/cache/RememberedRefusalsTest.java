package dev.tokenbroker.evaluate.exchange.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TestCacheSettings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens.Known;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upstream refused a moment ago, and would refuse again. */
class RememberedRefusalsTest {

  private static final RefusalReason NO = RefusalReason.UPSTREAM_NOT_PERMITTED;

  /** One that may be had otherwise later, so that callers are told when to come back. */
  private static final RefusalReason LATER = RefusalReason.UPSTREAM_TOKEN_UNUSABLE;

  private final TestClock clock = new TestClock();
  private final TestFlights flights = new TestFlights(clock);
  private final IssuedTokens tokens = tokens(TestCacheSettings.defaults());

  @Test
  void gives_a_refusal_for_a_drawn_moment() {
    for (int at = 0; at < 200; at++) {
      land("key " + at, NO);
      assertThat(refusal("key " + at)).isEqualTo(Refusal.of(NO));
    }
    clock.advance(Duration.ofSeconds(5).minusNanos(1));
    assertThat(stillRefused()).isEqualTo(200);
    clock.advance(Duration.ofMillis(2500));
    assertThat(stillRefused()).isBetween(60L, 140L);
    clock.advance(Duration.ofMillis(2501));
    assertThat(stillRefused()).isZero();
  }

  @Test
  void refuses_again_at_the_cache_for_the_identity_that_was_refused() {
    land("key", NO);

    EvaluationResult<IssuedToken> again = Objects.requireNonNull(known("key")).result();

    assertThat(again.trail().failed()).isEqualTo(Step.CACHE);
    assertThat(Objects.requireNonNull(again.identity()).subject()).isEqualTo("somebody");
    assertThat(tokens.status())
        .returns(1L, IssuedTokensStatus::negativeHits)
        .returns(0L, IssuedTokensStatus::hits)
        .returns(1L, IssuedTokensStatus::refusals);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "UPSTREAM_UNREACHABLE",
        "UPSTREAM_UNAVAILABLE",
        "UPSTREAM_THROTTLED",
        "UPSTREAM_TIMED_OUT",
        "UPSTREAM_BUSY",
        "DEADLINE_EXCEEDED",
        "CREDENTIAL_EXPIRED",
        "INTERNAL_ERROR"
      })
  void remembers_no_refusal_that_passes_by_itself(RefusalReason reason) {
    land("key", reason);
    assertThat(known("key")).isNull();
  }

  @Test
  void remembers_no_refusal_of_the_broker_itself() {
    Flight flight = tokens.share(flights.flight("key"), clock.instant());
    tokens.land(flight, flight.context().notAdmitted(Refusal.of(RefusalReason.BROKER_OVERLOADED)));
    assertThat(known("key")).isNull();
  }

  /** To come back sooner would be answered by the same refusal. */
  @Test
  void calls_nobody_back_before_a_refusal_has_ended() {
    for (int at = 0; at < 200; at++) {
      String key = "key " + at;
      Refusal first = land(key, LATER);
      clock.advance(Duration.ofSeconds(1));
      Refusal again = refusal(key);
      assertThat(first.retryAfter()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(14));
      assertThat(again.retryAfter()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(13));
      clock.advance(Objects.requireNonNull(again.retryAfter()));
      assertThat(known(key)).isNull();
    }
  }

  @Test
  void calls_callers_back_at_moments_that_are_drawn_for_each() {
    land("key", LATER);
    assertThat(IntStream.range(0, 50).mapToObj(at -> refusal("key").retryAfter()).distinct())
        .hasSizeGreaterThan(40);
  }

  @Test
  void retry_time_never_exceeds_the_ttl_after_the_clock_is_set_back() {
    land("key", LATER);
    clock.advance(Duration.ofHours(-3));

    assertThat(refusal("key").retryAfter())
        .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(14));
  }

  @Test
  void gives_no_refusal_to_a_credential_whose_issuer_has_other_keys() {
    land("key", NO);
    flights.changeKeys();
    assertThat(known("key")).isNull();
    flights.changeKeysBack();
    assertThat(refusal("key")).isEqualTo(Refusal.of(NO));
  }

  @Test
  void forgets_a_refusal_where_the_upstream_grants_a_token() {
    Flight first = tokens.share(flights.flight("key"), clock.instant());
    tokens.land(first, flights.refused(NO));
    Flight again = flights.flight("key");
    tokens.land(again, flights.granted(flights.token(Duration.ofSeconds(10))));
    assertThat(known("key")).isNull();
  }

  /** Somebody looked before the refusal came, and would begin after. */
  @Test
  void begins_nothing_that_was_refused_since_the_caller_looked() {
    assertThat(known("key")).isNull();
    land("key", NO);

    Flight mine = flights.flight("key");

    assertThat(tokens.share(mine, clock.instant())).isSameAs(mine).isCompleted();
    assertThat(Outcomes.reason(mine.join().result().outcome())).isEqualTo(NO);
    clock.advance(Duration.ofSeconds(11));
    Flight next = flights.flight("key");
    assertThat(tokens.share(next, clock.instant())).isSameAs(next).isNotCompleted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S"})
  void remembers_nothing_where_that_is_switched_off(Duration ttl) {
    IssuedTokens without = tokens(TestCacheSettings.defaults().withNegativeTtl(ttl));
    without.land(without.share(flights.flight("key"), clock.instant()), flights.refused(NO));
    assertThat(without.known(flights.key("key"), clock.instant())).isNull();
  }

  @Test
  void holds_a_bounded_number_of_refusals() {
    for (int at = 0; at < RememberedRefusals.MAX + 1_000; at++) {
      land("key " + at, NO);
    }
    assertThat(tokens.status().refusals()).isEqualTo(RememberedRefusals.MAX);
  }

  /** Here the scopes weigh as much as all else. */
  @Test
  void holds_fewer_refusals_where_their_keys_have_scopes() {
    String[] scopes = new String[16];
    for (int at = 0; at < scopes.length; at++) {
      int chars = CacheWeight.OVERHEAD_BYTES / scopes.length - CacheWeight.SCOPE_BYTES;
      scopes[at] = Character.toString('a' + at).repeat(chars);
    }
    for (int at = 0; at < RememberedRefusals.MAX; at++) {
      Flight flight = flights.flight("key " + at, scopes);
      tokens.land(tokens.share(flight, clock.instant()), flights.refused(NO));
    }
    assertThat(tokens.status().refusals()).isEqualTo(RememberedRefusals.MAX / 2);
  }

  private IssuedTokens tokens(CacheSettings settings) {
    return new IssuedTokens(settings, false, _ -> false, TestClocks.seeded(clock, 20261124));
  }

  /** Has the upstream refuse; what those are told who waited for that. */
  private Refusal land(String credential, RefusalReason reason) {
    Flight flight = tokens.share(flights.flight(credential), clock.instant());
    tokens.land(flight, flights.refused(reason));
    return Outcomes.refused(flight.join().result().outcome());
  }

  private @Nullable Known known(String credential) {
    return tokens.known(flights.key(credential), clock.instant());
  }

  private Refusal refusal(String credential) {
    return Outcomes.refused(Objects.requireNonNull(known(credential)).result().outcome());
  }

  private long stillRefused() {
    return IntStream.range(0, 200).filter(at -> known("key " + at) != null).count();
  }
}
