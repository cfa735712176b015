package dev.tokenbroker.evaluate.exchange.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TestCacheSettings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens.Known;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.federation.Federations.NewRevision;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.process.runtime.AtOnce;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that are held: how long they are served, refreshed and kept, and how many. */
class IssuedTokensTest {

  /** What a token of these tests weighs without scopes. */
  private static final long WEIGHT = CacheWeight.OVERHEAD_BYTES + (long) TestFlights.VALUE.length();

  private final Set<String> revoked = new HashSet<>();
  private final TestClock clock = new TestClock();
  private final TestFlights flights = new TestFlights(clock);
  private final IssuedTokens tokens = tokens(TestCacheSettings.defaults());

  @Test
  void gives_a_token_again_and_whom_it_was_made_for() {
    IssuedToken token = issue("key", Duration.ofMinutes(10));

    Known known = Objects.requireNonNull(known("key"));

    assertThat(known.result().outcome()).isEqualTo(Outcome.accepted(token));
    assertThat(Objects.requireNonNull(known.result().identity()).subject()).isEqualTo("somebody");
    assertThat(Objects.requireNonNull(known.result().grant()).rule()).isEqualTo("test-rule");
    assertThat(known.refresh()).isNull();
    assertThat(known("another")).isNull();
  }

  /** A fifth of the life, and 30 s at least, are left to whoever gets a token. */
  @ParameterizedTest
  @CsvSource({"3600, 2880", "600, 480", "150, 120", "149, 119", "100, 70", "31, 1"})
  void gives_a_token_of_that_many_seconds_for_that_many(long life, long served) {
    issue("key", Duration.ofSeconds(life));
    clock.advance(Duration.ofSeconds(served).minusNanos(1));
    assertThat(held("key")).isNotNull();
    clock.advance(Duration.ofNanos(1));
    assertThat(held("key")).isNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {-60, 0, 1, 29, 30})
  void never_keeps_a_token_of_30_seconds_or_less(long life) {
    issue("key", Duration.ofSeconds(life));
    assertThat(held("key")).isNull();
    assertThat(tokens.status().entries()).isZero();
  }

  @Test
  void serves_no_revoked_token_and_keeps_another_in_its_place() {
    IssuedToken token = issue("key", Duration.ofMinutes(10));
    revoked.add(token.id());
    assertThat(held("key")).isNull();

    IssuedToken other = issue("key", Duration.ofMinutes(10));

    assertThat(held("key")).isSameAs(other);
  }

  @Test
  void serves_no_token_for_a_credential_that_is_our_revoked_token() {
    issue("key", Duration.ofMinutes(10));
    VerifiedIdentity identity =
        Objects.requireNonNull(Objects.requireNonNull(known("key")).result().identity());
    assertThat(tokens.notRevoked(identity, new Trail())).isEqualTo(Outcome.accepted(identity));

    revoked.add(TestFlights.CREDENTIAL_ID);

    assertThat(held("key")).isNull();
    assertThat(Outcomes.reason(tokens.notRevoked(identity, new Trail())))
        .isEqualTo(RefusalReason.CREDENTIAL_REVOKED);
  }

  @Test
  void serves_no_token_after_its_issuer_keys_change_and_no_refresh() {
    issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    flights.changeKeys();
    assertThat(held("key")).isNull();
    assertThat(tokens.status())
        .returns(0L, IssuedTokensStatus::hits)
        .returns(0L, IssuedTokensStatus::refreshesBegun)
        .returns(1L, IssuedTokensStatus::misses);

    flights.changeKeysBack();
    assertThat(isRefreshDue("key")).isTrue();
  }

  @Test
  void gives_no_token_past_the_credential_that_it_was_given_for() {
    Instant end = clock.instant().plusSeconds(90);
    land("key", flights.granted(flights.token(Duration.ofMinutes(10)), end));
    clock.advance(Duration.ofSeconds(90).minusNanos(1));
    assertThat(held("key")).isNotNull();
    clock.advance(Duration.ofNanos(1));
    assertThat(held("key")).isNull();
  }

  @Test
  void keeps_no_token_for_a_credential_that_has_ended() {
    land("key", flights.granted(flights.token(Duration.ofMinutes(10)), clock.instant()));
    assertThat(tokens.status().entries()).isZero();
  }

  @Test
  void keeps_no_token_for_a_credential_that_is_once_only() {
    land("key", flights.grantedOnce(flights.token(Duration.ofMinutes(10))));
    assertThat(held("key")).isNull();
    assertThat(tokens.status().entries()).isZero();
  }

  @Test
  void serves_no_token_of_a_fast_clock_once_the_clock_is_right() {
    issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(-1));
    assertThat(held("key")).isNotNull();
    clock.advance(Duration.ofNanos(-1));
    assertThat(held("key")).isNull();

    IssuedToken anew = issue("key", Duration.ofMinutes(10));
    assertThat(held("key")).isSameAs(anew);
  }

  @Test
  void counts_token_life_from_issue_and_not_from_storing() {
    IssuedToken token = flights.token(Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(7));
    land("key", flights.granted(token));
    clock.advance(Duration.ofSeconds(59));
    assertThat(held("key")).isSameAs(token);
    clock.advance(Duration.ofSeconds(1));
    assertThat(held("key")).isNull();
  }

  @Test
  void keeps_a_token_that_claims_to_live_for_ever() {
    Duration ever = Duration.between(clock.instant(), Instant.parse("9999-12-31T23:59:59Z"));
    IssuedToken token = issue("key", ever);
    assertThat(held("key")).isSameAs(token);
  }

  @Test
  void serves_by_the_wall_clock_even_if_another_clock_frees_memory() {
    IssuedTokens stopped =
        new IssuedTokens(
            TestCacheSettings.defaults(), false, _ -> false, new TestClocks(clock, () -> 0));
    land(stopped, "key", flights.granted(flights.token(Duration.ofMinutes(10))));
    clock.advance(Duration.ofMinutes(8));
    assertThat(stopped.known(flights.key("key"), clock.instant())).isNull();
    assertThat(stopped.status().entries()).isEqualTo(1);
  }

  @Test
  void tells_one_caller_to_refresh_and_only_when_it_is_due() {
    issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(5).minusNanos(1));
    assertThat(isRefreshDue("key")).isFalse();
    clock.advance(Duration.ofMinutes(3));
    assertThat(isRefreshDue("key")).isTrue();
    assertThat(isRefreshDue("key")).isFalse();
    assertThat(tokens.status().refreshesBegun()).isEqualTo(1);
  }

  @Test
  void tells_one_of_many_callers_at_once_to_refresh() throws Exception {
    issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(8).minusNanos(1));

    assertThat(AtOnce.results(200, _ -> () -> isRefreshDue("key")))
        .hasSize(200)
        .containsOnlyOnce(true);

    assertThat(tokens.status().hits()).isEqualTo(200);
  }

  @Test
  void replaces_a_token_by_its_successor_even_if_that_ends_sooner() {
    issue("key", Duration.ofHours(1));
    clock.advance(Duration.ofSeconds(2_879));
    IssuedToken next = flights.token(Duration.ofMinutes(1));
    refresh("key", flights.granted(next));
    assertThat(held("key")).isSameAs(next);
    assertThat(tokens.status().entries()).isEqualTo(1);
    assertThat(tokens.status().refreshesFailed()).isZero();
  }

  @Test
  void begins_the_refresh_of_a_successor_anew() {
    issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    refresh("key", flights.granted(flights.token(Duration.ofMinutes(10))));
    assertThat(isRefreshDue("key")).isFalse();
    clock.advance(Duration.ofSeconds(479));
    assertThat(isRefreshDue("key")).isTrue();
  }

  /** An upstream that hands out 25 s once would otherwise be asked at each call from then on. */
  @ParameterizedTest
  @ValueSource(longs = {1, 25, 30})
  void keeps_a_token_whose_successor_is_too_short_lived_to_keep(long life) {
    IssuedToken held = issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(8).minusNanos(1));
    refresh("key", flights.granted(flights.token(Duration.ofSeconds(life))));
    assertThat(held("key")).isSameAs(held);
    assertThat(isRefreshDue("key")).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(held("key")).isNull();
  }

  @Test
  void does_not_repeat_a_refresh_that_failed() {
    IssuedToken held = issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    refresh("key", flights.refused(RefusalReason.UPSTREAM_UNAVAILABLE));
    clock.advance(Duration.ofMillis(999));
    assertThat(isRefreshDue("key")).isFalse();
    assertThat(held("key")).isSameAs(held);
    assertThat(tokens.status())
        .returns(1L, IssuedTokensStatus::refreshesBegun)
        .returns(1L, IssuedTokensStatus::refreshesFailed)
        .returns(0L, IssuedTokensStatus::refreshesPutOff);
  }

  @Test
  void puts_a_refresh_that_could_not_be_begun_off_for_a_second() {
    issue("key", Duration.ofHours(1));
    clock.advance(Duration.ofSeconds(2870));
    Flight refresh = flights.flight("key");
    refresh("key", refresh, overloaded(refresh));
    clock.advance(Duration.ofSeconds(1).minusNanos(1));
    assertThat(isRefreshDue("key")).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(isRefreshDue("key")).isTrue();
    assertThat(isRefreshDue("key")).isFalse();
    assertThat(tokens.status())
        .returns(2L, IssuedTokensStatus::refreshesBegun)
        .returns(1L, IssuedTokensStatus::refreshesPutOff)
        .returns(0L, IssuedTokensStatus::refreshesFailed);
  }

  private static EvaluationResult<IssuedToken> overloaded(Flight refresh) {
    return refresh.context().notAdmitted(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  @Test
  void drops_a_token_that_was_granted_and_is_granted_no_more() {
    issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    refresh("key", flights.refused(RefusalReason.UPSTREAM_NOT_PERMITTED));
    assertThat(reason("key")).isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
    assertThat(tokens.status().entries()).isZero();
  }

  /** That the successor cannot be used says nothing of the token that is held. */
  @ParameterizedTest
  @ValueSource(strings = {"UPSTREAM_TOKEN_UNUSABLE", "UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL"})
  void holds_on_to_a_token_whose_successor_could_not_be_used(RefusalReason reason) {
    IssuedToken held = issue("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    refresh("key", flights.refused(reason));
    assertThat(held("key")).isSameAs(held);
    assertThat(tokens.status().refusals()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"false, 67108864", "true, 0", "true, -1"})
  void keeps_nothing_where_it_is_switched_off(boolean enabled, long maxWeight) {
    IssuedTokens off =
        tokens(TestCacheSettings.defaults().withEnabled(enabled).withMaxWeight(maxWeight));
    land(off, "key", flights.granted(flights.token(Duration.ofMinutes(10))));
    land(off, "another", flights.refused(RefusalReason.UPSTREAM_NOT_PERMITTED));
    assertThat(off.known(flights.key("key"), clock.instant())).isNull();
    assertThat(off.known(flights.key("another"), clock.instant())).isNull();
    assertThat(off.status().entries()).isZero();
  }

  @Test
  void holds_no_more_than_its_weight() {
    IssuedTokens small = tokens(TestCacheSettings.defaults().withMaxWeight(50 * WEIGHT));
    for (int at = 0; at < 1_000; at++) {
      land(small, "key " + at, flights.granted(flights.token(Duration.ofMinutes(10))));
      assertThat(small.status().weightBytes()).isLessThanOrEqualTo(50 * WEIGHT);
    }
    assertThat(small.status().entries()).isEqualTo(50);
    assertThat(small.status().evictions()).isEqualTo(950);
  }

  @Test
  void counts_the_scopes_of_a_token_and_those_of_its_key() {
    Flight flight = flights.flight("key", "deploy", "read");
    tokens.land(
        tokens.share(flight, clock.instant()),
        flights.granted(flights.token(Duration.ofMinutes(10), "read")));
    long scopes = 3L * CacheWeight.SCOPE_BYTES + "deployreadread".length();
    assertThat(tokens.status().weightBytes()).isEqualTo(WEIGHT + scopes);
  }

  @Test
  void keeps_and_counts_what_shadow_rules_would_do() {
    ShadowFinding finding = new ShadowFinding("trial", null);
    EvaluationResult<IssuedToken> granted = flights.granted(flights.token(Duration.ofMinutes(10)));
    granted.trail().shadow(finding);

    land(tokens, "key", granted);

    assertThat(tokens.status().weightBytes()).isEqualTo(WEIGHT + CacheWeight.SHADOW_BYTES);
    assertThat(Objects.requireNonNull(known("key")).result().trail().shadows())
        .containsExactly(finding);
  }

  /** As many as an upstream can name in the 4096 characters that are read of its answer. */
  @Test
  void limits_short_tokens_with_many_scopes_by_weight() {
    long most = 1024 * 1024;
    IssuedTokens small = tokens(TestCacheSettings.defaults().withMaxWeight(most));
    String[] many =
        IntStream.range(0, 1_400).mapToObj(at -> Integer.toString(at, 36)).toArray(String[]::new);
    for (int at = 0; at < 100; at++) {
      land(small, "key " + at, flights.granted(flights.token(Duration.ofMinutes(10), many)));
    }
    assertThat(small.status().entries()).isBetween(1L, most / (1_400 * CacheWeight.SCOPE_BYTES));
  }

  /** One valid credential can be asked for with a million lifetimes. */
  @Test
  void keeps_what_is_in_use_through_a_flood_of_keys_that_are_not() {
    IssuedTokens small = tokens(TestCacheSettings.defaults().withMaxWeight(100 * WEIGHT));
    int kept = 0;
    for (int at = 0; at < 20_000; at++) {
      String used = "used " + at % 20;
      if (small.known(flights.key(used), clock.instant()) == null) {
        land(small, used, flights.granted(flights.token(Duration.ofHours(1))));
      } else {
        kept++;
      }
      land(small, "flood " + at, flights.granted(flights.token(Duration.ofHours(1))));
    }
    assertThat(kept).isGreaterThan(19_000);
  }

  @Test
  void frees_what_has_ended_without_counting_it_as_evicted() {
    issue("short", Duration.ofSeconds(60));
    issue("long", Duration.ofHours(1));
    assertThat(tokens.status().entries()).isEqualTo(2);
    // Served for 30 s; it stays for a while, since callers may join its refresh.
    clock.advance(Duration.ofSeconds(41));
    assertThat(tokens.status().entries()).isEqualTo(1);
    assertThat(tokens.status().evictions()).isZero();
  }

  @Test
  void drops_everything_for_a_new_federation() {
    issue("key", Duration.ofMinutes(10));
    land("another", flights.refused(RefusalReason.UPSTREAM_NOT_PERMITTED));
    tokens.forget(new NewRevision());
    assertThat(known("key")).isNull();
    assertThat(known("another")).isNull();
    assertThat(tokens.status()).isEqualTo(new IssuedTokensStatus(0, 0, 2, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void counts_what_it_did() {
    issue("key", Duration.ofMinutes(10));
    land("refused", flights.refused(RefusalReason.UPSTREAM_NOT_PERMITTED));
    assertThat(held("key")).isNotNull();
    assertThat(held("key")).isNotNull();
    assertThat(reason("refused")).isNotNull();
    assertThat(known("absent")).isNull();
    assertThat(tokens.status())
        .isEqualTo(new IssuedTokensStatus(2, 1, 1, 0, 0, 0, 0, 1, WEIGHT, 1));
  }

  @Test
  void says_no_token_in_any_text() {
    issue("key", Duration.ofMinutes(10));
    assertThat(Objects.requireNonNull(known("key")).toString()).doesNotContain(TestFlights.VALUE);
    assertThat(tokens.status().toString()).doesNotContain("key");
  }

  private IssuedTokens tokens(CacheSettings settings) {
    return new IssuedTokens(settings, false, revoked::contains, TestClocks.seeded(clock, 20261124));
  }

  /** Has a token of that life made. */
  private IssuedToken issue(String credential, Duration life) {
    IssuedToken token = flights.token(life);
    land(credential, flights.granted(token));
    return token;
  }

  private void land(String credential, EvaluationResult<IssuedToken> result) {
    land(tokens, credential, result);
  }

  private void land(IssuedTokens into, String credential, EvaluationResult<IssuedToken> result) {
    into.land(into.share(flights.flight(credential), clock.instant()), result);
  }

  private void refresh(String credential, EvaluationResult<IssuedToken> result) {
    refresh(credential, flights.flight(credential), result);
  }

  /** Has the refresh of a held token, which has come due, end with that result. */
  private void refresh(String credential, Flight refresh, EvaluationResult<IssuedToken> result) {
    KeptToken held = Objects.requireNonNull(Objects.requireNonNull(known(credential)).refresh());
    held.succeededBy(refresh);
    tokens.refreshing(held).accept(refresh, result);
  }

  private @Nullable Known known(String credential) {
    return tokens.known(flights.key(credential), clock.instant());
  }

  private @Nullable IssuedToken held(String credential) {
    Known known = known(credential);
    return known != null
            && known.result().outcome() instanceof Outcome.Accepted<IssuedToken>(IssuedToken token)
        ? token
        : null;
  }

  private boolean isRefreshDue(String credential) {
    return Objects.requireNonNull(known(credential)).refresh() != null;
  }

  private RefusalReason reason(String credential) {
    return Outcomes.reason(Objects.requireNonNull(known(credential)).result().outcome());
  }
}
