package dev.tokenbroker.evaluate.exchange.cache;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TestCacheSettings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens.Known;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.federation.Federations.NewRevision;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.AtOnce;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluations under way: one for all who ask for the same at the same time. */
class SharedFlightsTest {

  private static final Duration LIFE = Duration.ofMinutes(10);

  private final Set<String> revoked = new HashSet<>();
  private final TestClock clock = new TestClock();
  private final TestFlights flights = new TestFlights(clock);
  private final IssuedTokens tokens = tokens(TestCacheSettings.defaults());

  @Test
  void are_begun_by_the_first_who_asks_and_shared_by_the_others() {
    Flight first = flights.flight("key");
    assertThat(share(first)).isSameAs(first).isNotCompleted();
    assertThat(share(flights.flight("key"))).isSameAs(first);
    assertThat(share(flights.flight("key"))).isSameAs(first);
  }

  @Test
  void are_apart_where_anything_in_the_request_differs() {
    Flight one = flights.flight("one");
    Flight other = flights.flight("other");
    Flight scoped = flights.flight("one", "read");
    assertThat(share(one)).isSameAs(one);
    assertThat(share(other)).isSameAs(other);
    assertThat(share(scoped)).isSameAs(scoped);
  }

  @Test
  void give_their_result_to_all_who_share_them() {
    Flight shared = share(flights.flight("key"));
    EvaluationResult<IssuedToken> result = flights.granted(flights.token(LIFE));
    tokens.land(shared, result);
    assertThat(shared.join().result()).isSameAs(result);
  }

  @Test
  void are_begun_anew_once_one_has_ended_that_left_nothing() {
    tokens.land(share(flights.flight("key")), flights.refused(RefusalReason.UPSTREAM_UNAVAILABLE));
    Flight next = flights.flight("key");
    assertThat(share(next)).isSameAs(next).isNotCompleted();
  }

  /** Who is told that a flight has ended, and asks again at once, never meets that flight. */
  @Test
  void have_left_the_map_before_their_callers_are_told() {
    List<Flight> next = new ArrayList<>();
    Flight refused = share(flights.flight("key"));
    var _ = refused.thenRun(() -> next.add(share(flights.flight("key"))));
    tokens.land(refused, flights.refused(RefusalReason.UPSTREAM_UNAVAILABLE));
    assertThat(next).singleElement().isNotSameAs(refused);
    assertThat(next.getFirst()).isNotCompleted();
  }

  @Test
  void have_stored_their_token_before_their_callers_are_told() {
    List<@Nullable IssuedToken> found = new ArrayList<>();
    Flight granted = share(flights.flight("key"));
    var _ = granted.thenRun(() -> found.add(held("key")));
    IssuedToken token = flights.token(LIFE);
    tokens.land(granted, flights.granted(token));
    assertThat(found).containsExactly(token);
  }

  /** The gap between looking and joining: the token came in between. */
  @Test
  void are_not_begun_where_a_token_has_come_since_the_caller_looked() {
    assertThat(held("key")).isNull();
    IssuedToken token = issue("key", LIFE);
    clock.advance(Duration.ofSeconds(479));

    Flight mine = flights.flight("key");

    assertThat(share(mine)).isSameAs(mine).isCompleted();
    assertThat(accepted(mine.join().result().outcome())).isSameAs(token);
    assertThat(tokens.status())
        .returns(0L, IssuedTokensStatus::hits)
        .returns(0L, IssuedTokensStatus::refreshesBegun);
    assertThat(Objects.requireNonNull(known("key")).refresh()).isNotNull();
  }

  @Test
  void take_the_place_of_a_token_that_has_ended_or_was_revoked() {
    IssuedToken ended = issue("key", LIFE);
    clock.advance(LIFE);
    Flight next = flights.flight("key");
    assertThat(share(next)).isSameAs(next).isNotCompleted();
    tokens.land(next, flights.granted(flights.token(LIFE)));
    revoked.add(Objects.requireNonNull(held("key")).id());

    Flight last = flights.flight("key");
    assertThat(share(last)).isSameAs(last).isNotCompleted();
    assertThat(ended).isNotNull();
  }

  @Test
  void are_joined_if_a_held_token_ends_before_its_successor_exists() {
    issue("key", LIFE);
    clock.advance(Duration.ofSeconds(479));
    KeptToken held = takeRefresh("key");
    Flight refresh = flights.flight("key");
    held.succeededBy(refresh);
    clock.advance(Duration.ofSeconds(1));
    assertThat(held("key")).isNull();

    assertThat(share(flights.flight("key"))).isSameAs(refresh);
    assertThat(share(flights.flight("key"))).isSameAs(refresh);

    IssuedToken successor = flights.token(LIFE);
    tokens.refreshing(held).accept(refresh, flights.granted(successor));
    assertThat(accepted(refresh.join().result().outcome())).isSameAs(successor);
    assertThat(held("key")).isSameAs(successor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPSTREAM_UNAVAILABLE", "UPSTREAM_NOT_PERMITTED"})
  void leave_nothing_where_a_successor_that_was_joined_is_refused(RefusalReason reason) {
    issue("key", LIFE);
    clock.advance(Duration.ofSeconds(479));
    KeptToken held = takeRefresh("key");
    Flight refresh = flights.flight("key");
    held.succeededBy(refresh);
    clock.advance(Duration.ofSeconds(1));
    assertThat(share(flights.flight("key"))).isSameAs(refresh);

    tokens.refreshing(held).accept(refresh, flights.refused(reason));

    assertThat(Outcomes.reason(refresh.join().result().outcome())).isEqualTo(reason);
    clock.advance(Duration.ofSeconds(11));
    Flight next = flights.flight("key");
    assertThat(share(next)).isSameAs(next).isNotCompleted();
  }

  @Test
  void start_if_the_held_token_has_ended_and_its_successor_failed() {
    issue("key", LIFE);
    clock.advance(Duration.ofSeconds(479));
    KeptToken held = takeRefresh("key");
    Flight refresh = flights.flight("key");
    held.succeededBy(refresh);
    tokens.refreshing(held).accept(refresh, flights.refused(RefusalReason.UPSTREAM_UNAVAILABLE));
    clock.advance(Duration.ofSeconds(1));

    Flight next = flights.flight("key");

    assertThat(share(next)).isSameAs(next).isNotCompleted();
  }

  /** The token of an old revision is for who waited for it, and for nobody else. */
  @Test
  void end_as_they_would_under_a_new_federation_and_leave_nothing() {
    Flight old = share(flights.flight("key"));
    tokens.forget(new NewRevision());
    Flight next = flights.flight("key");
    assertThat(share(next)).isSameAs(next);

    IssuedToken token = flights.token(LIFE);
    tokens.land(old, flights.granted(token));

    assertThat(accepted(old.join().result().outcome())).isSameAs(token);
    assertThat(held("key")).isNull();
    assertThat(share(flights.flight("key"))).isSameAs(next);
  }

  @Test
  void are_shared_where_nothing_is_kept() {
    IssuedTokens off = tokens(TestCacheSettings.defaults().withEnabled(false));
    Flight first = flights.flight("key");
    assertThat(off.share(first, clock.instant())).isSameAs(first);
    assertThat(off.share(flights.flight("key"), clock.instant())).isSameAs(first);
    off.land(first, flights.granted(flights.token(LIFE)));
    assertThat(first).isCompleted();

    Flight next = flights.flight("key");
    assertThat(off.share(next, clock.instant())).isSameAs(next).isNotCompleted();
  }

  @Test
  void weigh_nothing_and_are_never_evicted() {
    IssuedTokens small = tokens(TestCacheSettings.defaults().withMaxWeight(1));
    List<Flight> underWay =
        IntStream.range(0, 5_000).mapToObj(at -> flights.flight("" + at)).toList();
    underWay.forEach(flight -> assertThat(small.share(flight, clock.instant())).isSameAs(flight));
    assertThat(small.status().weightBytes()).isZero();
    assertThat(IntStream.range(0, 5_000))
        .allMatch(at -> small.share(flights.flight("" + at), clock.instant()) == underWay.get(at));
  }

  @Test
  void are_begun_by_one_of_many_callers_at_once() throws Exception {
    List<Flight> mine = Stream.generate(() -> flights.flight("key")).limit(200).toList();

    assertThat(AtOnce.results(200, at -> () -> share(mine.get(at)) == mine.get(at)))
        .hasSize(200)
        .containsOnlyOnce(true);
  }

  /**
   * Callers, landings and new revisions in any order, against a model of what ought to be: a key
   * has a flight from its first caller to its landing, and then a token or nothing.
   */
  @Test
  void keep_to_the_model_in_random_orders() {
    IntStream.range(0, 200).forEach(seed -> new Interleaving(seed).run());
  }

  @Tag("whole")
  @Test
  void keep_to_the_model_in_thousands_of_random_orders() {
    IntStream.range(0, 5_000).forEach(seed -> new Interleaving(seed).run());
  }

  /** One random order of events, over three keys. */
  private static final class Interleaving {

    private final String name;
    private final Random random;
    private final TestClock clock = new TestClock();
    private final TestFlights flights = new TestFlights(clock);
    private final IssuedTokens tokens;
    private final List<Flight> underWay = new ArrayList<>();
    private final Map<String, Flight> joinable = new HashMap<>();
    private final Map<String, IssuedToken> held = new HashMap<>();
    private final Set<String> refused = new HashSet<>();

    Interleaving(int seed) {
      this.name = "seed " + seed;
      this.random = new Random(seed);
      this.tokens =
          new IssuedTokens(
              TestCacheSettings.defaults(), false, _ -> false, TestClocks.seeded(clock, seed));
    }

    void run() {
      for (int step = 0; step < 40; step++) {
        switch (random.nextInt(12)) {
          case 0, 1, 2, 3 -> land();
          case 4 -> forget();
          case 5 -> {
            clock.advance(Duration.ofSeconds(11));
            refused.clear();
          }
          default -> ask("key " + random.nextInt(3));
        }
      }
      while (!underWay.isEmpty()) {
        land();
      }
    }

    private void ask(String credential) {
      Known known = tokens.known(flights.key(credential), clock.instant());
      if (known != null) {
        assertKnown(credential, known.result());
        return;
      }
      assertThat(held).as(name).doesNotContainKey(credential);
      assertThat(refused).as(name).doesNotContain(credential);
      Flight mine = flights.flight(credential);
      Flight shared = tokens.share(mine, clock.instant());
      assertThat(shared).as(name).isSameAs(joinable.getOrDefault(credential, mine));
      assertThat(shared).as(name).isNotCompleted();
      if (shared == mine) {
        joinable.put(credential, mine);
        underWay.add(mine);
      }
    }

    private void assertKnown(String credential, EvaluationResult<IssuedToken> result) {
      IssuedToken token = held.get(credential);
      if (token == null) {
        assertThat(refused).as(name).contains(credential);
        assertThat(Outcomes.reason(result.outcome()))
            .isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
      } else {
        assertThat(accepted(result.outcome())).as(name).isSameAs(token);
      }
    }

    private void forget() {
      tokens.forget(new NewRevision());
      joinable.clear();
      held.clear();
      refused.clear();
    }

    private void land() {
      if (underWay.isEmpty()) {
        return;
      }
      Flight flight = underWay.remove(random.nextInt(underWay.size()));
      String credential = credential(flight);
      boolean counts = joinable.remove(credential, flight);
      switch (random.nextInt(4)) {
        case 0 -> {
          IssuedToken token = flights.token(LIFE);
          tokens.land(flight, flights.granted(token));
          refused.remove(credential);
          if (counts) {
            held.put(credential, token);
          }
        }
        case 1 -> {
          tokens.land(flight, flights.granted(flights.token(Duration.ofSeconds(20))));
          refused.remove(credential);
        }
        case 2 -> {
          tokens.land(flight, flights.refused(RefusalReason.UPSTREAM_NOT_PERMITTED));
          refused.add(credential);
        }
        default -> tokens.land(flight, flights.refused(RefusalReason.UPSTREAM_UNAVAILABLE));
      }
      assertThat(flight).as(name).isCompleted();
    }

    private static String credential(Flight flight) {
      return flight.context().request().credential().value();
    }
  }

  private IssuedTokens tokens(TestCacheSettings settings) {
    return new IssuedTokens(settings, false, revoked::contains, TestClocks.seeded(clock, 20261124));
  }

  private Flight share(Flight mine) {
    return tokens.share(mine, clock.instant());
  }

  private IssuedToken issue(String credential, Duration life) {
    IssuedToken token = flights.token(life);
    tokens.land(share(flights.flight(credential)), flights.granted(token));
    return token;
  }

  private KeptToken takeRefresh(String credential) {
    return Objects.requireNonNull(Objects.requireNonNull(known(credential)).refresh());
  }

  private @Nullable Known known(String credential) {
    return tokens.known(flights.key(credential), clock.instant());
  }

  private @Nullable IssuedToken held(String credential) {
    Known known = known(credential);
    return known == null ? null : accepted(known.result().outcome());
  }
}
