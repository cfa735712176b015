package dev.tokenbroker.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.TokenType;
import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCacheTest {

  private static final Instant FAR = TestClock.START.plus(Duration.ofDays(1));
  private static final Refusal NO = Refusal.of(RefusalReason.NO_RULE_MATCHED);

  private final Set<String> revoked = new HashSet<>();
  private final Set<String> fallen = new HashSet<>();
  private List<String> asked = List.of();
  private final TestClock clock = new TestClock();
  private final TokenCache<String, String> cache = cache(TestCacheSettings.defaults());

  @Test
  void gives_what_was_stored() {
    IssuedToken token = store("key", Duration.ofMinutes(10));
    assertThat(find("key"))
        .isInstanceOfSatisfying(
            Lookup.Hit.class,
            hit -> {
              assertThat(hit.cached().token()).isSameAs(token);
              assertThat(hit.cached().origin()).isEqualTo("origin of key");
              assertThat(hit.refreshDue()).isFalse();
            });
    assertThat(find("another")).isInstanceOf(Lookup.Miss.class);
  }

  /** A fifth of the life, and 30 s at least, are left to whoever gets a token. */
  @ParameterizedTest
  @CsvSource({"3600, 2880", "600, 480", "150, 120", "149, 119", "100, 70", "31, 1"})
  void gives_a_token_of_that_many_seconds_for_that_many(long life, long served) {
    store("key", Duration.ofSeconds(life));
    clock.advance(Duration.ofSeconds(served).minusNanos(1));
    assertThat(find("key")).isInstanceOf(Lookup.Hit.class);
    clock.advance(Duration.ofNanos(1));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-60, 0, 1, 29, 30})
  void never_keeps_a_token_of_30_seconds_or_less(long life) {
    store("key", Duration.ofSeconds(life));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
    assertThat(cache.status().entries()).isZero();
  }

  @Test
  void gives_no_token_that_was_revoked_and_keeps_another_in_its_place() {
    IssuedToken token = store("key", Duration.ofMinutes(10));
    revoked.add(token.id());
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
    assertThat(cache.peek("key", clock.instant(), this::stands)).isInstanceOf(Lookup.Miss.class);
    revoked.clear();
    assertThat(find("key")).isInstanceOf(Lookup.Hit.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void what_does_not_stand_is_a_miss_and_tells_nobody_to_refresh(boolean token) {
    if (token) {
      store("key", Duration.ofMinutes(10));
      clock.advance(Duration.ofSeconds(479));
    } else {
      cache.storeRefusal("key", NO, "origin of key", clock.instant());
    }
    fallen.add("origin of key");
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
    assertThat(cache.peek("key", clock.instant(), this::stands)).isInstanceOf(Lookup.Miss.class);
    assertThat(cache.status())
        .returns(0L, TokenCacheStatus::hits)
        .returns(0L, TokenCacheStatus::negativeHits)
        .returns(0L, TokenCacheStatus::refreshesBegun)
        .returns(1L, TokenCacheStatus::misses);

    fallen.clear();
    assertThat(find("key")).isNotInstanceOf(Lookup.Miss.class);
    assertThat(cache.status().refreshesBegun()).isEqualTo(token ? 1 : 0);
  }

  @Test
  void gives_no_token_past_the_credential_that_it_was_given_for() {
    Instant end = clock.instant().plusSeconds(90);
    cache.store("key", token(Duration.ofMinutes(10)), end, "origin", clock.instant());
    clock.advance(Duration.ofSeconds(90).minusNanos(1));
    assertThat(find("key")).isInstanceOf(Lookup.Hit.class);
    clock.advance(Duration.ofNanos(1));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
  }

  @Test
  void keeps_no_token_for_a_credential_that_has_ended() {
    cache.store("key", token(Duration.ofMinutes(10)), clock.instant(), "origin", clock.instant());
    assertThat(cache.status().entries()).isZero();
  }

  @Test
  void gives_no_token_of_a_clock_that_was_ahead_once_that_is_set_right() {
    store("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(-1));
    assertThat(find("key")).isInstanceOf(Lookup.Hit.class);
    clock.advance(Duration.ofNanos(-1));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);

    IssuedToken anew = store("key", Duration.ofMinutes(10));
    assertThat(find("key"))
        .isInstanceOfSatisfying(
            Lookup.Hit.class, hit -> assertThat(hit.cached().token()).isSameAs(anew));
  }

  @Test
  void counts_the_life_of_a_token_from_its_issue_not_from_its_storing() {
    IssuedToken token = token(Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(7));
    cache.store("key", token, FAR, "origin", clock.instant());
    clock.advance(Duration.ofSeconds(59));
    assertThat(find("key")).isInstanceOf(Lookup.Hit.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
  }

  @Test
  void keeps_a_token_that_claims_to_live_for_ever() {
    IssuedToken token =
        new IssuedToken(
            "t",
            "id",
            clock.instant(),
            Instant.parse("9999-12-31T23:59:59Z"),
            List.of(),
            IssuedToken.ACCESS_TOKEN,
            TokenType.BEARER);
    cache.store("key", token, FAR, "origin", clock.instant());
    assertThat(find("key")).isInstanceOf(Lookup.Hit.class);
  }

  @Test
  void replaces_a_token_even_by_one_that_ends_sooner() {
    store("key", Duration.ofMinutes(10));
    IssuedToken next = store("key", Duration.ofMinutes(1));
    assertThat(hit("key").cached().token()).isSameAs(next);
  }

  /** An upstream that hands out 25 s once would otherwise be asked at each call from then on. */
  @ParameterizedTest
  @ValueSource(longs = {1, 25, 30})
  void holds_on_to_a_token_whose_successor_is_too_short_lived_to_be_kept(long life) {
    IssuedToken held = store("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(8).minusNanos(1));
    assertThat(hit("key").refreshDue()).isTrue();
    store("key", Duration.ofSeconds(life));
    assertThat(hit("key").cached().token()).isSameAs(held);
    assertThat(hit("key").refreshDue()).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
  }

  @Test
  void serves_by_the_wall_clock_even_where_memory_is_freed_by_another() {
    TokenCache<String, String> stopped =
        new TokenCache<>(
            TestCacheSettings.defaults(), _ -> List.of(), _ -> false, () -> 0, () -> new Random(1));
    stopped.store("key", token(Duration.ofMinutes(10)), FAR, "origin", clock.instant());
    clock.advance(Duration.ofMinutes(8));
    assertThat(stopped.find("key", clock.instant(), this::stands)).isInstanceOf(Lookup.Miss.class);
    assertThat(stopped.status().entries()).isEqualTo(1);
  }

  @Test
  void draws_the_refresh_between_50_and_80_percent_of_life() {
    List<Double> parts =
        IntStream.range(0, 2_000)
            .mapToDouble(at -> refreshPart(Duration.ofMinutes(10)))
            .boxed()
            .toList();
    assertThat(parts).allSatisfy(part -> assertThat(part).isBetween(0.5, 0.8));
    assertThat(parts).anyMatch(part -> part < 0.51).anyMatch(part -> part > 0.79);
  }

  /** Served for 30 of its 60 s: the refresh still comes due within. */
  @Test
  void draws_the_refresh_of_a_short_token_within_the_time_that_it_is_served() {
    assertThat(
            IntStream.range(0, 200).mapToDouble(at -> refreshPart(Duration.ofSeconds(60))).boxed())
        .allSatisfy(part -> assertThat(part).isBetween(0.3125, 0.5));
  }

  @Test
  void tells_one_caller_to_refresh_and_only_when_it_is_due() {
    store("key", Duration.ofMinutes(10));
    Instant due = hit("key").cached().refreshAt();
    clock.advance(Duration.between(clock.instant(), due).minusNanos(1));
    assertThat(hit("key").refreshDue()).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(hit("key").refreshDue()).isTrue();
    assertThat(hit("key").refreshDue()).isFalse();
    assertThat(cache.status().refreshesBegun()).isEqualTo(1);
  }

  @Test
  void tells_nobody_to_refresh_a_token_that_is_the_last_of_its_kind() {
    cache.storeLast("key", token(Duration.ofMinutes(10)), FAR, "origin", clock.instant());
    clock.advance(Duration.ofMinutes(8).minusNanos(1));
    assertThat(hit("key").refreshDue()).isFalse();
    assertThat(cache.status().refreshesBegun()).isZero();
    clock.advance(Duration.ofNanos(1));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
  }

  @Test
  void tells_one_of_many_callers_at_once_to_refresh() throws Exception {
    store("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(8).minusNanos(1));
    int callers = 200;
    CyclicBarrier together = new CyclicBarrier(callers);
    Callable<Boolean> caller =
        () -> {
          together.await();
          return hit("key").refreshDue();
        };
    int told = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> answers =
          threads.invokeAll(IntStream.range(0, callers).mapToObj(at -> caller).toList());
      for (Future<Boolean> answer : answers) {
        told += answer.get() ? 1 : 0;
      }
    }
    assertThat(told).isEqualTo(1);
  }

  @Test
  void does_not_repeat_a_refresh_that_failed() {
    store("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    assertThat(hit("key").refreshDue()).isTrue();
    cache.refreshFailed();
    clock.advance(Duration.ofMillis(999));
    assertThat(hit("key").refreshDue()).isFalse();
    assertThat(cache.status().refreshesFailed()).isEqualTo(1);
  }

  @Test
  void puts_a_refresh_that_could_not_be_begun_off_for_a_second() {
    store("key", Duration.ofHours(1));
    clock.advance(Duration.ofSeconds(2870));
    assertThat(hit("key").refreshDue()).isTrue();
    cache.refreshPutOff("key", clock.instant());
    clock.advance(Duration.ofSeconds(1).minusNanos(1));
    assertThat(hit("key").refreshDue()).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(hit("key").refreshDue()).isTrue();
    assertThat(hit("key").refreshDue()).isFalse();
    assertThat(cache.status().refreshesPutOff()).isEqualTo(1);
  }

  @Test
  void does_not_bring_a_refresh_forward_by_putting_it_off() {
    store("key", Duration.ofHours(1));
    cache.refreshPutOff("key", clock.instant());
    cache.refreshPutOff("nobody's", clock.instant());
    clock.advance(Duration.ofSeconds(2));
    assertThat(hit("key").refreshDue()).isFalse();
  }

  @Test
  void begins_the_refresh_of_a_successor_anew() {
    store("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    assertThat(hit("key").refreshDue()).isTrue();
    store("key", Duration.ofMinutes(10));
    assertThat(hit("key").refreshDue()).isFalse();
    clock.advance(Duration.ofSeconds(479));
    assertThat(hit("key").refreshDue()).isTrue();
  }

  @Test
  void looks_again_without_counting_and_without_telling_to_refresh() {
    store("key", Duration.ofMinutes(10));
    clock.advance(Duration.ofSeconds(479));
    assertThat(cache.peek("key", clock.instant(), this::stands))
        .isInstanceOfSatisfying(Lookup.Hit.class, hit -> assertThat(hit.refreshDue()).isFalse());
    assertThat(cache.peek("another", clock.instant(), this::stands))
        .isInstanceOf(Lookup.Miss.class);
    assertThat(cache.status()).returns(0L, TokenCacheStatus::hits);
    assertThat(hit("key").refreshDue()).isTrue();
  }

  @Test
  void gives_a_refusal_for_a_drawn_moment() {
    for (int at = 0; at < 200; at++) {
      String key = "key " + at;
      cache.storeRefusal(key, NO, "origin", clock.instant());
      assertThat(find(key)).isEqualTo(new Lookup.Refused<>(NO, "origin"));
      assertThat(cache.peek(key, clock.instant(), this::stands))
          .isEqualTo(new Lookup.Refused<>(NO, "origin"));
    }
    clock.advance(Duration.ofSeconds(5).minusNanos(1));
    assertThat(stillRefused()).isEqualTo(200);
    clock.advance(Duration.ofMillis(2500));
    assertThat(stillRefused()).isBetween(60L, 140L);
    clock.advance(Duration.ofMillis(2501));
    assertThat(stillRefused()).isZero();
  }

  /** To come back sooner would be answered by the same refusal. */
  @Test
  void calls_nobody_back_before_a_refusal_has_ended() {
    Refusal unusable = Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
    for (int at = 0; at < 200; at++) {
      String key = "key " + at;
      Refusal first = cache.storeRefusal(key, unusable, "origin", clock.instant());
      clock.advance(Duration.ofSeconds(1));
      Refusal again = ((Lookup.Refused<String>) find(key)).refusal();
      assertThat(first.retryAfter()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(14));
      assertThat(again.retryAfter()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(13));
      clock.advance(Objects.requireNonNull(again.retryAfter()));
      assertThat(find(key)).isInstanceOf(Lookup.Miss.class);
    }
  }

  @Test
  void calls_nobody_back_later_than_it_keeps_refusals_though_the_clock_is_set_back() {
    Refusal unusable = Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
    cache.storeRefusal("key", unusable, "origin", clock.instant());
    clock.advance(Duration.ofHours(-3));

    Refusal again = ((Lookup.Refused<String>) find("key")).refusal();
    assertThat(again.retryAfter()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(14));
  }

  @Test
  void drops_a_token_where_the_upstream_refuses() {
    store("key", Duration.ofMinutes(10));
    cache.storeRefusal("key", NO, "origin", clock.instant());
    assertThat(find("key")).isInstanceOf(Lookup.Refused.class);
  }

  @Test
  void forgets_a_refusal_where_the_upstream_grants() {
    cache.storeRefusal("key", NO, "origin", clock.instant());
    store("key", Duration.ofSeconds(10));
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S"})
  void keeps_no_refusal_where_that_is_switched_off(Duration ttl) {
    TokenCache<String, String> without = cache(TestCacheSettings.defaults().withNegativeTtl(ttl));
    without.store("key", token(Duration.ofMinutes(10)), FAR, "origin", clock.instant());
    without.storeRefusal("key", NO, "origin", clock.instant());
    assertThat(without.find("key", clock.instant(), this::stands)).isInstanceOf(Lookup.Miss.class);
  }

  @ParameterizedTest
  @CsvSource({"false, 67108864", "true, 0", "true, -1"})
  void keeps_nothing_where_it_is_switched_off(boolean enabled, long maxWeight) {
    TokenCache<String, String> off =
        cache(TestCacheSettings.defaults().withEnabled(enabled).withMaxWeight(maxWeight));
    off.store("key", token(Duration.ofMinutes(10)), FAR, "origin", clock.instant());
    off.storeRefusal("another", NO, "origin", clock.instant());
    assertThat(off.find("key", clock.instant(), this::stands)).isInstanceOf(Lookup.Miss.class);
    assertThat(off.find("another", clock.instant(), this::stands)).isInstanceOf(Lookup.Miss.class);
  }

  @Test
  void holds_no_more_than_its_weight() {
    long most = 50 * (TokenCache.OVERHEAD_BYTES + 5L);
    TokenCache<String, String> small = cache(TestCacheSettings.defaults().withMaxWeight(most));
    for (int at = 0; at < 1_000; at++) {
      small.store("key " + at, token(Duration.ofMinutes(10)), FAR, "origin", clock.instant());
      assertThat(small.status().weightBytes()).isLessThanOrEqualTo(most);
    }
    assertThat(small.status().entries()).isEqualTo(50);
    assertThat(small.status().evictions()).isEqualTo(950);
  }

  @Test
  void counts_the_scopes_of_a_token_and_those_of_its_key() {
    asked = List.of("deploy", "read");
    IssuedToken token = token(Duration.ofMinutes(10), List.of("read"));
    cache.store("key", token, FAR, "origin", clock.instant());
    long scopes = 3L * TokenCache.SCOPE_BYTES + "deployreadread".length();
    assertThat(cache.status().weightBytes()).isEqualTo(TokenCache.OVERHEAD_BYTES + 5L + scopes);
  }

  /** As many as an upstream can name in the 4096 characters that are read of its answer. */
  @Test
  void holds_no_more_than_its_weight_of_short_tokens_with_many_scopes() {
    long most = 1024 * 1024;
    TokenCache<String, String> small = cache(TestCacheSettings.defaults().withMaxWeight(most));
    List<String> many = IntStream.range(0, 1_400).mapToObj(at -> Integer.toString(at, 36)).toList();
    for (int at = 0; at < 100; at++) {
      IssuedToken token = token(Duration.ofMinutes(10), many);
      small.store("key " + at, token, FAR, "origin", clock.instant());
    }
    assertThat(small.status().entries()).isBetween(1L, most / (1_400 * TokenCache.SCOPE_BYTES));
  }

  /** One valid credential can be asked for with a million lifetimes. */
  @Test
  void keeps_what_is_in_use_through_a_flood_of_keys_that_are_not() {
    long most = 100 * (TokenCache.OVERHEAD_BYTES + 5L);
    TokenCache<String, String> small = cache(TestCacheSettings.defaults().withMaxWeight(most));
    int kept = 0;
    for (int at = 0; at < 20_000; at++) {
      String used = "used " + at % 20;
      if (small.find(used, clock.instant(), this::stands) instanceof Lookup.Hit) {
        kept++;
      } else {
        small.store(used, token(Duration.ofHours(1)), FAR, "origin", clock.instant());
      }
      small.store("flood " + at, token(Duration.ofHours(1)), FAR, "origin", clock.instant());
    }
    assertThat(kept).isGreaterThan(19_000);
  }

  @Test
  void frees_what_has_ended_without_counting_it_as_evicted() {
    store("short", Duration.ofSeconds(60));
    store("long", Duration.ofHours(1));
    assertThat(cache.status().entries()).isEqualTo(2);
    clock.advance(Duration.ofSeconds(40));
    assertThat(cache.status().entries()).isEqualTo(1);
    assertThat(cache.status().evictions()).isZero();
  }

  @Test
  void holds_a_bounded_number_of_refusals() {
    for (int at = 0; at < TokenCache.MAX_REFUSALS + 1_000; at++) {
      cache.storeRefusal("key " + at, NO, "origin", clock.instant());
    }
    assertThat(cache.status().refusals()).isEqualTo(TokenCache.MAX_REFUSALS);
  }

  /** Here the scopes weigh as much as all else. */
  @Test
  void holds_fewer_refusals_where_their_keys_have_scopes() {
    String scope = "s".repeat(64 - TokenCache.SCOPE_BYTES);
    asked = Collections.nCopies(TokenCache.OVERHEAD_BYTES / 64, scope);
    for (int at = 0; at < TokenCache.MAX_REFUSALS; at++) {
      cache.storeRefusal("key " + at, NO, "origin", clock.instant());
    }
    assertThat(cache.status().refusals()).isEqualTo(TokenCache.MAX_REFUSALS / 2);
  }

  @Test
  void drops_everything_for_a_new_federation() {
    store("key", Duration.ofMinutes(10));
    cache.storeRefusal("another", NO, "origin", clock.instant());
    cache.clear();
    assertThat(find("key")).isInstanceOf(Lookup.Miss.class);
    assertThat(find("another")).isInstanceOf(Lookup.Miss.class);
    assertThat(cache.status()).isEqualTo(new TokenCacheStatus(0, 0, 2, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void counts_what_it_did() {
    store("key", Duration.ofMinutes(10));
    cache.storeRefusal("refused", NO, "origin", clock.instant());
    find("key");
    find("key");
    find("refused");
    find("absent");
    long weight = TokenCache.OVERHEAD_BYTES + 5L;
    assertThat(cache.status()).isEqualTo(new TokenCacheStatus(2, 1, 1, 0, 0, 0, 0, 1, weight, 1));
  }

  @Test
  void says_no_token_in_any_text() {
    store("key", Duration.ofMinutes(10));
    assertThat(find("key").toString()).doesNotContain("value");
    assertThat(cache.status().toString()).doesNotContain("key");
  }

  private long stillRefused() {
    return IntStream.range(0, 200)
        .filter(at -> find("key " + at) instanceof Lookup.Refused)
        .count();
  }

  private double refreshPart(Duration life) {
    store("key", life);
    Instant due = hit("key").cached().refreshAt();
    return (double) Duration.between(clock.instant(), due).toMillis() / life.toMillis();
  }

  private TokenCache<String, String> cache(CacheSettings settings) {
    RandomGenerator random = new Random(20261124);
    return new TokenCache<>(settings, _ -> asked, revoked::contains, clock::nanoTime, () -> random);
  }

  private IssuedToken store(String key, Duration life) {
    IssuedToken token = token(life);
    cache.store(key, token, FAR, "origin of " + key, clock.instant());
    return token;
  }

  private IssuedToken token(Duration life) {
    return token(life, List.of());
  }

  private IssuedToken token(Duration life, List<String> scopes) {
    return new IssuedToken(
        "value",
        "id",
        clock.instant(),
        clock.instant().plus(life),
        scopes,
        IssuedToken.ACCESS_TOKEN,
        TokenType.BEARER);
  }

  private boolean stands(String origin, Instant now) {
    assertThat(now).isEqualTo(clock.instant());
    return !fallen.contains(origin);
  }

  private Lookup<String> find(String key) {
    return cache.find(key, clock.instant(), this::stands);
  }

  private Lookup.Hit<String> hit(String key) {
    return (Lookup.Hit<String>) find(key);
  }
}
