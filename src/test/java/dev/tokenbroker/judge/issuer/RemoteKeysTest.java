package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.COOL_DOWN;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.MAX_STALE;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.TIMES;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.TTL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.judge.issuer.KeySetSource.KeyReview;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.KeySources.DocumentSource;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FetchFlight;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In virtual time and without a network; fetches run on the thread that asks, unless held back. */
@Timeout(60)
class RemoteKeysTest {

  private static final URI JWKS = URI.create(ScriptedIssuer.ISSUER + "/jwks");
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final Deadline NOW = Deadline.after(Duration.ZERO);

  private final TestClock clock = new TestClock();
  private final Clocks clocks = clock;
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a");
  private final Queue<Runnable> heldBack = new ArrayDeque<>();
  private final RemoteKeys keys = remote(issuer, null);

  // --- the good way

  @Test
  void finds_the_key_set_by_discovery_at_the_first_call() {
    assertThat(keys.status().freshness()).isEqualTo(Freshness.ABSENT);

    assertThat(ask("a")).singleElement().extracting(VerificationKey::kid).isEqualTo("a");

    assertThat(issuer.fetched()).containsExactly("openid-configuration", "jwks");
    KeySetStatus status = keys.status();
    assertThat(status.freshness()).isEqualTo(Freshness.FRESH);
    assertThat(status.keyCount()).isEqualTo(1);
    assertThat(status.fetchedAt()).isEqualTo(clock.instant());
    assertThat(status.fetches()).isEqualTo(2);
    assertThat(status.failures()).isZero();
    assertThat(status.lastFailure()).isNull();
  }

  @Test
  void needs_no_discovery_where_the_key_set_is_configured() {
    RemoteKeys configured = remote(issuer, JWKS);

    assertThat(accepted(configured.keys("a", FAR))).hasSize(1);

    assertThat(issuer.fetched()).containsExactly("jwks");
  }

  @Test
  void gives_all_keys_to_a_credential_that_names_none() {
    issuer.publish("a", "b");

    assertThat(ask(null)).hasSize(2);
  }

  @Test
  void fetches_nothing_while_keys_are_fresh() {
    ask("a");
    clock.advance(TTL.minusNanos(1));

    ask("a");

    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  void knows_which_keys_it_holds_without_fetching() {
    assertThat(keys.publishes("a")).isFalse();
    assertThat(issuer.fetches()).isZero();

    ask("a");

    assertThat(keys.publishes("a")).isTrue();
    assertThat(keys.publishes("b")).isFalse();
  }

  @Test
  void prefetches_only_what_is_not_fresh() {
    keys.prefetch(() -> {});
    keys.prefetch(() -> {});
    assertThat(issuer.fetches()).isEqualTo(2);

    clock.advance(TTL);
    keys.prefetch(() -> {});

    assertThat(issuer.fetches()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({"0, 300", "299, 300", "301, 301", "3599, 3599", "86400, 3600"})
  void keeps_keys_as_long_as_the_issuer_says_within_limits(long maxAge, long fresh) {
    issuer.publishFor(Duration.ofSeconds(maxAge), "a");
    ask("a");

    clock.advance(Duration.ofSeconds(fresh).minusNanos(1));
    assertThat(keys.status().freshness()).isEqualTo(Freshness.FRESH);
    clock.advance(Duration.ofNanos(1));
    assertThat(keys.status().freshness()).isEqualTo(Freshness.STALE);
  }

  @Test
  void counts_the_time_that_a_cache_held_the_answer() {
    issuer.answerKeys(
        ScriptedIssuer.answer(
            ScriptedIssuer.keySet("a"), Duration.ofMinutes(30), Duration.ofMinutes(20), null));
    ask("a");

    clock.advance(Duration.ofMinutes(10));

    assertThat(keys.status().freshness()).isEqualTo(Freshness.STALE);
  }

  // --- stale and expired

  @Test
  void serves_stale_keys_at_once_and_refreshes_in_the_background() {
    RemoteKeys slow = remoteHeldBack();
    slow.prefetch(() -> {});
    runHeldBack();
    clock.advance(TTL);

    // Nobody could wait for the fetch here: it has not even begun to run.
    assertThat(accepted(slow.keys("a", NOW))).hasSize(1);
    assertThat(accepted(slow.keys("a", NOW))).hasSize(1);

    assertThat(heldBack).hasSize(1);
    runHeldBack();
    assertThat(slow.status().freshness()).isEqualTo(Freshness.FRESH);
  }

  @Test
  void serves_stale_keys_up_to_max_stale_while_the_issuer_is_down() {
    ask("a");
    issuer.fail(FetchFailure.UNREACHABLE);

    clock.advance(TTL.plus(MAX_STALE).minusNanos(1));
    assertThat(ask("a")).hasSize(1);
    assertThat(keys.status().freshness()).isEqualTo(Freshness.STALE);
    assertThat(keys.status().lastFailure()).contains("told to fail");
    clock.advance(Duration.ofNanos(1));

    assertThat(keys.publishes("a")).isFalse();
    assertThat(keys.status().freshness()).isEqualTo(Freshness.EXPIRED);
    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
  }

  @Test
  void tries_again_once_a_cool_down_while_the_issuer_is_down() {
    ask("a");
    issuer.fail(FetchFailure.UNREACHABLE);
    clock.advance(TTL);
    int before = issuer.fetches();

    for (int second = 0; second < 600; second++) {
      ask("a");
      clock.advance(Duration.ofSeconds(1));
    }

    // The first attempt of the ttl asks for both documents.
    assertThat(issuer.fetches() - before).isBetween(20, 23);
  }

  @Test
  void ages_keys_by_time_that_passed_and_not_by_the_wall_clock() {
    TestClock wall = new TestClock();
    RemoteKeys steady = by(wall);
    accepted(steady.keys("a", FAR));

    wall.advance(Duration.ofDays(365));
    assertThat(steady.status().freshness()).isEqualTo(Freshness.FRESH);
    wall.advance(Duration.ofDays(-1000));
    accepted(steady.keys("a", FAR));
    reason(steady.keys("unknown", FAR));

    assertThat(issuer.fetches()).isEqualTo(2);
  }

  // --- names that are not known

  @Test
  void finds_a_key_rotated_in_as_soon_as_the_slot_is_free() {
    ask("a");
    issuer.publish("a", "b");
    clock.advance(COOL_DOWN);

    assertThat(ask("b")).hasSize(1);
    assertThat(issuer.fetches()).isEqualTo(3);
  }

  @Test
  void says_unknown_when_a_fresh_key_set_does_not_have_it() {
    assertThat(reason(keys.keys("nope", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    clock.advance(COOL_DOWN);
    assertThat(reason(keys.keys("nope2", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    assertThat(issuer.fetches()).isEqualTo(3);
  }

  @Test
  void says_of_a_key_that_it_is_published_where_it_cannot_be_used() {
    String keySet = ScriptedIssuer.keySet("a", "weak");
    issuer.answerKeys(
        issuer.answer(keySet.replace("\"weak\",\"kty\":\"OKP\"", "\"weak\",\"kty\":\"EC\"")));

    Refusal refusal = refused(keys.keys("weak", FAR), RefusalReason.KEY_UNKNOWN);
    assertThat(refusal.expected()).isEqualTo("one of the issuer's keys: a");
    assertThat(refusal.seen())
        .isEqualTo(
            "the kid of a key that is published, and cannot be used, since its crv is Ed25519:"
                + " weak");
  }

  @Test
  void sends_an_unknown_name_away_until_the_cool_down_is_over() {
    ask("a");
    clock.advance(Duration.ofSeconds(10));

    Refusal refusal = refused(keys.keys("b", FAR), RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(20));
    assertThat(refusal.seen()).isEqualTo("kid b");
    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  void names_the_failure_of_the_last_fetch_until_a_fetch_succeeds() {
    ask("a");
    clock.advance(COOL_DOWN);
    issuer.answerKeys(new CallFailed(FetchFailure.SERVER_ERROR, "answered with status 500"));
    Refusal refusal = refused(keys.keys("b", FAR), RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(refusal.clue()).isEqualTo(Clue.of(RefusalReason.KEYS_UNREACHABLE.name()));

    issuer.publish("a");
    clock.advance(COOL_DOWN);
    reason(keys.keys("b", FAR)); // reads the discovery document only
    clock.advance(COOL_DOWN);
    Refusal last = refused(keys.keys("b", FAR), RefusalReason.KEY_UNKNOWN);
    assertThat(last.clue()).isEqualTo(Clue.none());
    clock.advance(Duration.ofSeconds(1));
    Refusal next = refused(keys.keys("c", FAR), RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(next.clue()).isEqualTo(Clue.none());
  }

  @Test
  void names_at_least_a_millisecond_to_wait() {
    ask("a");
    clock.advance(COOL_DOWN.minusNanos(1));

    assertThat(refused(keys.keys("b", FAR)).retryAfter()).isEqualTo(Duration.ofMillis(1));
  }

  @Test
  void is_final_about_a_name_that_was_missed_before_the_last_fetch() {
    ask("a");
    clock.advance(Duration.ofSeconds(1));
    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
    clock.advance(COOL_DOWN);
    assertThat(reason(keys.keys("c", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);

    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    assertThat(reason(keys.keys("d", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofSeconds(1));
    assertThat(reason(keys.keys("e", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }

  @Test
  void is_not_final_about_a_name_that_a_cache_may_not_have_yet() {
    ask("a");
    issuer.answerKeys(outOfCache(Duration.ofMinutes(5)));
    clock.advance(COOL_DOWN);

    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
    clock.advance(COOL_DOWN);
    issuer.answerKeys(outOfCache(COOL_DOWN.plusSeconds(1)));
    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }

  @Test
  void is_final_about_a_name_missed_before_a_cache_asked() {
    ask("a");
    clock.advance(Duration.ofSeconds(1));
    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
    issuer.answerKeys(outOfCache(COOL_DOWN.minusSeconds(1)));
    clock.advance(COOL_DOWN.minusSeconds(1));

    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
  }

  @Test
  void asks_past_caches_for_an_unknown_name_only() {
    ask("a");
    clock.advance(TTL);
    ask("a");
    assertThat(issuer.pastCaches()).containsExactly(false, false, false, false);

    clock.advance(COOL_DOWN);
    reason(keys.keys("b", FAR));

    assertThat(issuer.pastCaches()).endsWith(true);
  }

  @Test
  void is_not_final_about_a_name_that_was_missed_long_ago() {
    ask("a");
    clock.advance(Duration.ofSeconds(1));
    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
    clock.advance(COOL_DOWN.multipliedBy(2));
    assertThat(reason(keys.keys("c", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    // Rotated in just after that fetch.
    clock.advance(Duration.ofSeconds(1));

    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }

  @Test
  void tells_its_state_while_others_hold_its_lock() throws Exception {
    ask("a");
    CompletableFuture<KeySetStatus> status = new CompletableFuture<>();

    synchronized (keys) {
      Thread.ofVirtual().start(() -> status.complete(keys.status()));
      assertThat(status.get(30, TimeUnit.SECONDS).freshness()).isEqualTo(Freshness.FRESH);
    }
  }

  @Test
  void is_not_final_about_a_name_missed_before_a_fetch_that_failed() {
    ask("a");
    clock.advance(Duration.ofSeconds(1));
    reason(keys.keys("b", FAR));
    clock.advance(COOL_DOWN);
    issuer.fail(FetchFailure.UNREACHABLE);

    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(ask("a")).hasSize(1);
  }

  @Test
  void tells_names_apart_that_are_nearly_the_same() {
    String name = "k".repeat(MissedKids.MAX_KID_CHARS - 1);
    ask("a");
    clock.advance(Duration.ofSeconds(1));
    reason(keys.keys(name + "1", FAR));
    clock.advance(COOL_DOWN);
    reason(keys.keys("c", FAR));
    clock.advance(Duration.ofSeconds(1));

    assertThat(reason(keys.keys(name + "1", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    assertThat(reason(keys.keys(name + "2", FAR)))
        .isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }

  @Test
  void keeps_no_name_that_is_overlong() {
    String overlong = "k".repeat(MissedKids.MAX_KID_CHARS + 1);
    ask("a");
    clock.advance(Duration.ofSeconds(1));
    reason(keys.keys(overlong, FAR));
    clock.advance(COOL_DOWN);
    reason(keys.keys("c", FAR));
    clock.advance(Duration.ofSeconds(1));

    assertThat(reason(keys.keys(overlong, FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }

  @Test
  void is_not_final_for_a_caller_that_came_after_the_fetch() throws Exception {
    Latch asked = new Latch(1);
    Latch release = new Latch(1);
    RemoteKeys slow =
        remote(
            (request, deadline) -> {
              asked.countDown();
              release.await();
              return issuer.get(request, deadline);
            },
            JWKS,
            task -> Thread.ofVirtual().start(task));
    slow.prefetch(() -> {});
    asked.await();
    clock.advance(Duration.ofMillis(5));
    List<Outcome<List<VerificationKey>>> outcomes = new ArrayList<>();
    Thread late = Thread.ofVirtual().start(() -> outcomes.add(slow.keys("b", FAR)));

    release.countDown();
    late.join();

    assertThat(reason(outcomes.getFirst())).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }

  // --- failures with nothing held

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, KEYS_UNREACHABLE",
    "TIMED_OUT, KEYS_UNREACHABLE",
    "TLS_FAILED, ISSUER_TLS_FAILED",
    "PROXY_FAILED, ISSUER_PROXY_FAILED",
    "TLS_CERTIFICATE_INVALID, ISSUER_CERTIFICATE_INVALID",
    "TLS_CLIENT_CERTIFICATE_WANTED, ISSUER_CLIENT_CERTIFICATE_WANTED",
    "SERVER_ERROR, KEYS_UNREACHABLE",
    "OVERLOADED, KEYS_UNREACHABLE",
    "TLS_UNTRUSTED, ISSUER_TLS_UNTRUSTED",
    "TLS_NOT_CONFIGURED, ISSUER_TLS_UNTRUSTED",
    "REDIRECTED, KEYS_INVALID",
    "ACCESS_REFUSED, KEYS_INVALID",
    "BAD_STATUS, KEYS_INVALID",
    "TOO_LARGE, KEYS_INVALID",
    "MALFORMED, KEYS_INVALID"
  })
  void says_why_there_are_no_keys_and_when_to_come_back(FetchFailure kind, RefusalReason reason) {
    issuer.fail(kind);

    for (int call = 0; call < 50; call++) {
      Refusal refusal = refused(keys.keys("a", FAR), reason);
      assertThat(refusal.seen()).isEqualTo("told to fail");
      assertThat(refusal.retryAfter()).isBetween(COOL_DOWN, COOL_DOWN.multipliedBy(3).dividedBy(2));
    }
    assertThat(issuer.fetches()).isEqualTo(1);
    assertThat(keys.status().failures()).isEqualTo(1);
  }

  @Test
  void does_not_invite_back_to_an_address_that_is_never_called() {
    issuer.fail(FetchFailure.ADDRESS_REFUSED);

    Refusal refusal = refused(keys.keys("a", FAR), RefusalReason.ISSUER_ADDRESS_REFUSED);
    assertThat(refusal.retryAfter()).isNull();
  }

  @Test
  void refuses_a_discovery_document_of_another_issuer() {
    issuer.nameInDiscovery("https://issuer.example/");

    Refusal refusal = refused(keys.keys("a", FAR), RefusalReason.DISCOVERY_ISSUER_MISMATCH);
    assertThat(refusal.expected()).isEqualTo(ScriptedIssuer.ISSUER);
    assertThat(refusal.seen()).isEqualTo("https://issuer.example/");
    assertThat(refusal.retryAfter()).isNull();
    assertThat(issuer.fetched()).containsExactly("openid-configuration");
  }

  @Test
  void recovers_from_an_issuer_down_at_the_start_without_restart() {
    issuer.fail(FetchFailure.UNREACHABLE);
    keys.prefetch(() -> {});
    for (int attempt = 0; attempt < 5; attempt++) {
      assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
      clock.advance(COOL_DOWN);
    }

    issuer.recover("a");

    assertThat(ask("a")).hasSize(1);
    assertThat(keys.status().lastFailure()).isNull();
  }

  @Test
  void recovers_within_two_cool_downs_where_only_the_key_set_failed() {
    issuer.answerKeys(new CallFailed(FetchFailure.SERVER_ERROR, "answered with status 500"));
    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
    issuer.publish("a");

    clock.advance(COOL_DOWN);
    // The extra fetch is spent: this attempt reads the discovery document and names the old reason.
    assertThat(refused(keys.keys("a", FAR)).seen()).isEqualTo("answered with status 500");
    clock.advance(COOL_DOWN);

    assertThat(ask("a")).hasSize(1);
    assertThat(issuer.fetched())
        .containsExactly("openid-configuration", "jwks", "openid-configuration", "jwks");
  }

  // --- good keys survive

  @ParameterizedTest
  @ValueSource(strings = {"", "<!doctype html><p>Sign in</p>", "{\"keys\":[]}", "{\"keys\":["})
  void keeps_good_keys_when_the_answer_is_no_key_set(String body) {
    ask("a");
    issuer.answerKeys(issuer.answer(body));
    clock.advance(COOL_DOWN);

    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);

    assertThat(ask("a")).hasSize(1);
    assertThat(keys.status().failures()).isEqualTo(1);
    assertThat(keys.status().lastFailure()).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(FetchFailure.class)
  void keeps_good_keys_when_there_is_no_answer(FetchFailure kind) {
    ask("a");
    issuer.fail(kind);
    clock.advance(TTL);

    for (int attempt = 0; attempt < 10; attempt++) {
      assertThat(ask("a")).hasSize(1);
      clock.advance(COOL_DOWN);
    }
    assertThat(keys.status().freshness()).isEqualTo(Freshness.STALE);
  }

  @Test
  void keeps_good_keys_if_the_discovery_names_another_issuer() {
    ask("a");
    issuer.nameInDiscovery("https://other.example");
    clock.advance(TTL);

    assertThat(ask("a")).hasSize(1);
    assertThat(ask("a")).hasSize(1);
    assertThat(keys.status().failures()).isEqualTo(1);

    clock.advance(MAX_STALE);
    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.DISCOVERY_ISSUER_MISMATCH);
  }

  @Test
  void drops_a_key_at_once_that_is_no_longer_published() {
    issuer.publish("a", "b");
    ask("b");
    issuer.publish("a");
    clock.advance(TTL);

    ask("a");

    assertThat(keys.publishes("b")).isFalse();
    assertThat(keys.status().keyCount()).isEqualTo(1);
  }

  // --- discovery

  @Test
  void follows_a_key_set_that_has_moved() {
    ask("a");
    issuer.moveKeys(ScriptedIssuer.ISSUER + "/moved");
    issuer.publish("b");
    clock.advance(COOL_DOWN);
    assertThat(reason(keys.keys("b", FAR))).isEqualTo(RefusalReason.KEY_REFETCH_COOLING_DOWN);

    clock.advance(COOL_DOWN);
    reason(keys.keys("b", FAR));
    clock.advance(COOL_DOWN);

    assertThat(ask("b")).hasSize(1);
    assertThat(issuer.fetched())
        .containsExactly("openid-configuration", "jwks", "jwks", "openid-configuration", "moved");
  }

  @Test
  void reads_the_discovery_document_once_a_ttl() {
    for (int minute = 0; minute <= 60; minute++) {
      ask("a");
      clock.advance(Duration.ofMinutes(1));
    }

    assertThat(issuer.fetched().stream().filter("openid-configuration"::equals)).hasSize(13);
    assertThat(issuer.fetches()).isEqualTo(26);
  }

  @Test
  void survives_a_discovery_document_that_breaks_after_the_start() {
    ask("a");
    issuer.answerDiscovery(issuer.answer("<html>"));

    for (int attempt = 0; attempt < 20; attempt++) {
      clock.advance(TTL);
      ask("a");
    }

    assertThat(keys.status().freshness()).isEqualTo(Freshness.FRESH);
  }

  @Test
  void finds_the_key_set_again_if_discovery_broke_in_an_outage() {
    ask("a");
    issuer.fail(FetchFailure.UNREACHABLE);
    clock.advance(TTL);
    for (int attempt = 0; attempt < 5; attempt++) {
      ask("a");
      clock.advance(COOL_DOWN);
    }
    issuer.publish("a");

    for (int attempt = 0; attempt < 2; attempt++) {
      ask("a");
      clock.advance(COOL_DOWN);
    }

    assertThat(keys.status().freshness()).isEqualTo(Freshness.FRESH);
  }

  // --- the same name, another key

  @Test
  void a_failed_signature_fetches_the_key_replaced_under_its_kid() {
    List<VerificationKey> used = ask("a");
    issuer.answerKeys(
        issuer.answer(ScriptedIssuer.keySet("b").replace("\"kid\":\"b\"", "\"kid\":\"a\"")));
    clock.advance(COOL_DOWN);

    KeyReview review = keys.review("a", used, FAR);

    assertThat(review.replaced()).isTrue();
    assertThat(issuer.pastCaches()).endsWith(true);
    assertThat(review.hints())
        .containsExactly(
            "The key was replaced under the same kid: %s was published until %s; a key set fetched at %s has another."
                .formatted(
                    used.getFirst().thumbprint(),
                    clock.instant().minus(COOL_DOWN),
                    clock.instant()));
    assertThat(ask("a").getFirst().thumbprint()).isNotEqualTo(used.getFirst().thumbprint());
  }

  @Test
  void fetches_once_a_cool_down_however_many_signatures_fail() {
    List<VerificationKey> used = ask("a");
    clock.advance(COOL_DOWN);
    int before = issuer.fetches();
    for (int second = 0; second < 30; second++) {
      assertThat(keys.review("a", used, FAR).replaced()).isFalse();
      clock.advance(Duration.ofSeconds(1));
    }

    assertThat(issuer.fetches() - before).isEqualTo(1);
  }

  @Test
  void reports_thumbprint_and_age_of_the_key_of_a_failed_signature() {
    List<VerificationKey> used = ask("a");
    clock.advance(Duration.ofSeconds(12));

    assertThat(keys.review("a", used, FAR).hints())
        .containsExactly(
            "Key tried: %s, of the key set fetched at %s, 12 s ago; the next fetch is allowed in 18 s."
                .formatted(used.getFirst().thumbprint(), clock.instant().minusSeconds(12)));
    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  void a_failed_fetch_for_a_signature_keeps_the_key() {
    List<VerificationKey> used = ask("a");
    issuer.fail(FetchFailure.UNREACHABLE);
    clock.advance(COOL_DOWN);

    assertThat(keys.review("a", used, FAR).replaced()).isFalse();
    assertThat(ask("a")).hasSize(1);
  }

  @Test
  void tells_a_withdrawn_kid_from_one_that_never_was() {
    ask("a");
    Instant lastSeen = clock.instant();
    issuer.publish("b");
    clock.advance(COOL_DOWN);
    ask("b");

    Refusal withdrawn = refused(keys.keys("a", FAR));

    assertThat(withdrawn.hints())
        .containsExactly(
            "The kid was published until %s; a key set fetched at %s no longer has it."
                .formatted(lastSeen, clock.instant()));
    assertThat(refused(keys.keys("never", FAR)).hints()).isEmpty();
  }

  @Test
  void a_key_that_has_come_back_was_never_withdrawn() {
    List<VerificationKey> used = ask("a");
    issuer.publish("b");
    clock.advance(COOL_DOWN);
    ask("b");
    issuer.publish("a");
    clock.advance(COOL_DOWN);
    ask("a");

    assertThat(keys.review("a", used, FAR).hints())
        .singleElement()
        .asString()
        .startsWith("Key tried");
  }

  // --- what verdicts tell of fetches

  @Test
  void tells_age_and_date_of_a_key_set_out_of_a_cache() {
    ask("a");
    Instant date = clock.instant().minusSeconds(500);
    issuer.answerKeys(
        ScriptedIssuer.answer(
            ScriptedIssuer.keySet("a"), Duration.ofHours(1), Duration.ofSeconds(500), date));
    clock.advance(COOL_DOWN);

    Refusal refusal = refused(keys.keys("b", FAR), RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(refusal.hints())
        .containsExactly(
            "A cache on the way had held the key set for 500 s (Age) when it came at %s; its Date is %s."
                .formatted(clock.instant(), date));
  }

  @Test
  void tells_that_jwks_uri_has_moved() {
    ask("a");
    issuer.moveKeys(ScriptedIssuer.ISSUER + "/new/jwks");
    clock.advance(TTL);
    ask("a");
    clock.advance(COOL_DOWN);

    assertThat(refused(keys.keys("b", FAR)).hints())
        .anySatisfy(
            hint ->
                assertThat(hint)
                    .contains(
                        "names another jwks_uri: https://issuer.example/new/jwks, before"
                            + " https://issuer.example/jwks"));
  }

  @Test
  void tells_when_a_remembered_fetch_failed() {
    issuer.fail(FetchFailure.UNREACHABLE);
    Instant failed = clock.instant();
    Refusal own = refused(keys.keys("a", FAR));
    clock.advance(Duration.ofSeconds(20));

    // The first refusal says it as what was seen.
    assertThat(own.hints()).isEmpty();
    assertThat(refused(keys.keys("a", FAR)).hints())
        .containsExactly(
            "The last fetch failed: at %s, the discovery document at https://issuer.example/.well-known/openid-configuration: told to fail"
                .formatted(failed));
    assertThat(issuer.fetches()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"10, 30", "120, 120", "3600, 300"})
  void comes_back_when_the_issuer_says_within_limits(long retryAfter, long wait) {
    issuer.answerDiscovery(
        new CallFailed(
            FetchFailure.SERVER_ERROR,
            "answered with status 429, Retry-After " + retryAfter + " s",
            Duration.ofSeconds(retryAfter),
            null));

    Refusal refusal = refused(keys.keys("a", FAR));

    assertThat(refusal.seen()).contains("Retry-After " + retryAfter + " s");
    assertThat(refusal.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(wait));
    clock.advance(Duration.ofSeconds(wait).minusNanos(1));
    reason(keys.keys("a", FAR));
    assertThat(issuer.fetches()).isEqualTo(1);
    issuer.answerDiscovery(null);
    clock.advance(Duration.ofNanos(1));
    assertThat(ask("a")).hasSize(1);
  }

  @Test
  void names_the_document_that_callers_wait_for() throws Exception {
    Latch begun = new Latch(1);
    Latch end = new Latch(1);
    RemoteKeys hanging =
        remote(
            (request, deadline) -> {
              begun.countDown();
              end.await();
              return issuer.get(request, deadline);
            },
            null,
            task -> Thread.ofVirtual().start(task));
    hanging.prefetch(() -> {});
    begun.await();

    Refusal late = refused(hanging.keys("a", NOW));

    assertThat(late.seen())
        .isEqualTo(
            "a fetch that is still under way: the discovery document at"
                + " https://issuer.example/.well-known/openid-configuration, for 0 ms");
    assertThat(hanging.underWay()).startsWith("the discovery document at https://issuer.example/");
    end.countDown();
  }

  // --- clock offset

  @Test
  void takes_back_what_our_own_clock_was_set_back() {
    TestClock wall = new TestClock();
    issuer.answerKeys(dated(Duration.ZERO, wall.instant().minusMillis(510)));
    RemoteKeys measured = by(wall);
    accepted(measured.keys("a", FAR));
    clock.advance(Duration.ofSeconds(60));
    wall.advance(Duration.ofSeconds(60).minusHours(1));

    ClockOffset offset = Objects.requireNonNull(measured.status().clockOffset());

    assertThat(offset.jump()).isEqualTo(Duration.ofHours(-1));
    assertThat(offset.measured()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void reports_that_our_clock_gained_and_does_not_guess_at_others() {
    TestClock wall = new TestClock();
    issuer.answerKeys(dated(Duration.ZERO, wall.instant().minusMillis(510)));
    RemoteKeys measured = by(wall);
    accepted(measured.keys("a", FAR));
    wall.advance(Duration.ofHours(1));

    assertThat(measured.status().clockOffset())
        .isEqualTo(new ClockOffset(Duration.ZERO, Duration.ofMillis(510), Duration.ofHours(1)));
  }

  @Test
  void measures_the_clock_of_the_issuer() {
    issuer.answerKeys(dated(Duration.ZERO, clock.instant().plusSeconds(90)));
    ask("a");

    // 90 s, half a second for what Date cuts off, and 10 ms from the middle of the round trip;
    // known to that half second and half of the round trip.
    assertThat(keys.status().clockOffset())
        .isEqualTo(
            new ClockOffset(Duration.ofMillis(90_510), Duration.ofMillis(510), Duration.ZERO));
  }

  @Test
  void does_not_measure_the_clock_by_an_answer_out_of_a_cache() {
    issuer.answerKeys(dated(Duration.ofSeconds(1), clock.instant().minusSeconds(90)));
    ask("a");

    assertThat(keys.status().clockOffset()).isNull();
  }

  // --- waiting

  @Test
  void gives_up_at_the_deadline_without_ending_the_fetch() {
    RemoteKeys slow = remoteHeldBack();

    Outcome<List<VerificationKey>> late = slow.keys("a", Deadline.after(Duration.ofMillis(10)));

    assertThat(reason(late)).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(heldBack).hasSize(1);
    runHeldBack();
    assertThat(accepted(slow.keys("a", NOW))).hasSize(1);
  }

  @Test
  void a_slow_fetch_is_the_issuer_fault_for_a_patient_caller() {
    RemoteKeys slow = remoteHeldBack();

    Outcome<List<VerificationKey>> late = slow.keys("a", Deadline.limit(Duration.ofMillis(10)));

    assertThat(reason(late)).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
  }

  @Test
  void sends_away_who_would_be_one_too_many_to_wait() throws Exception {
    RemoteKeys slow = remoteHeldBack();
    List<Thread> waiting = crowd(slow);

    for (int caller = 0; caller < 100; caller++) {
      Refusal refusal = refused(slow.keys("a", FAR), RefusalReason.KEYS_UNREACHABLE);
      assertThat(refusal.retryAfter()).isBetween(Duration.ofMillis(1), COOL_DOWN.plusMillis(1));
    }

    runHeldBack();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(accepted(slow.keys("a", NOW))).hasSize(1);
  }

  @Test
  void refuses_one_caller_too_many_that_waits_for_an_unknown_key() throws Exception {
    RemoteKeys slow = remoteHeldBack();
    slow.prefetch(() -> {});
    runHeldBack();
    clock.advance(COOL_DOWN);
    List<Thread> waiting = crowd(slow);

    Refusal refusal = refused(slow.keys("b", FAR), RefusalReason.KEY_REFETCH_COOLING_DOWN);
    assertThat(refusal.retryAfter()).isPositive();
    assertThat(accepted(slow.keys("a", NOW))).hasSize(1);
    runHeldBack();
    for (Thread thread : waiting) {
      thread.join();
    }
  }

  /** As many as may wait for a key that is not known. */
  private static List<Thread> crowd(RemoteKeys keys) {
    List<Thread> waiting = new ArrayList<>();
    for (int caller = 0; caller < FetchFlight.MAX_WAITING; caller++) {
      String kid = "kid-" + caller;
      waiting.add(Thread.ofVirtual().start(() -> keys.keys(kid, FAR)));
    }
    for (Thread thread : waiting) {
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }
    return waiting;
  }

  @Test
  void fetches_once_for_all_who_ask_at_the_same_time() throws Exception {
    AtomicInteger fetches = new AtomicInteger();
    Latch release = new Latch(1);
    RemoteKeys shared =
        remote(
            (request, deadline) -> {
              fetches.incrementAndGet();
              release.await();
              return issuer.get(request, deadline);
            },
            JWKS,
            task -> Thread.ofVirtual().start(task));
    AtomicInteger served = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int caller = 0; caller < 200; caller++) {
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    if (shared.keys("a", FAR) instanceof Outcome.Accepted) {
                      served.incrementAndGet();
                    }
                  }));
    }

    release.countDown();
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(served).hasValue(200);
    assertThat(fetches).hasValue(1);
  }

  @Test
  void is_not_stuck_after_a_bug_in_fetching() {
    AtomicInteger calls = new AtomicInteger();
    RemoteKeys buggy =
        remote(
            (request, deadline) -> {
              if (calls.getAndIncrement() == 0) {
                throw new IllegalStateException("a bug");
              }
              return issuer.get(request, deadline);
            },
            null,
            Runnable::run);
    assertThatThrownBy(() -> buggy.keys("a", FAR)).isInstanceOf(IllegalStateException.class);
    assertThat(reason(buggy.keys("a", FAR))).isEqualTo(RefusalReason.KEYS_UNREACHABLE);

    clock.advance(COOL_DOWN);

    assertThat(accepted(buggy.keys("a", FAR))).hasSize(1);
  }

  /** As for want of memory: then the issuer is not lost until a restart. */
  @Test
  void is_not_stuck_where_it_cannot_be_told_how_a_fetch_went() {
    issuer.fail(FetchFailure.TIMED_OUT);
    RemoteKeys silent = remoteHeldBack();
    AtomicInteger ended = new AtomicInteger();
    silent.prefetch(ended::incrementAndGet);
    Logger log = Logger.getLogger(KeyNews.class.getName());
    log.setFilter(_ -> Unchecked.raise(new OutOfMemoryError("as a test says")));
    try {
      assertThatThrownBy(this::runHeldBack).isInstanceOf(OutOfMemoryError.class);
    } finally {
      log.setFilter(null);
    }

    assertThat(ended).hasValue(1);
    assertThat(silent.status().lastFailure()).isNotNull();
    issuer.recover("a");
    clock.advance(COOL_DOWN);
    silent.prefetch(ended::incrementAndGet);
    runHeldBack();
    assertThat(accepted(silent.keys("a", FAR))).hasSize(1);
  }

  /** Virtual threads can be short of memory; then the issuer is not lost until a restart. */
  @Test
  void is_not_stuck_where_a_fetch_gets_no_thread() {
    Queue<Executor> threads = new ArrayDeque<>();
    threads.add(_ -> Unchecked.raise(new InternalError("unable to create native thread")));
    RemoteKeys soon =
        runBy(work -> Objects.requireNonNullElse(threads.poll(), Runnable::run).execute(work));
    AtomicInteger ended = new AtomicInteger();

    soon.prefetch(ended::incrementAndGet);

    assertThat(ended).hasValue(1);
    assertThat(soon.status().lastFailure()).contains("the broker failed in fetching");
    assertThat(reason(soon.keys("a", FAR))).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
    clock.advance(COOL_DOWN);
    assertThat(accepted(soon.keys("a", FAR))).hasSize(1);
  }

  /** That is nobody's bug, and soon over. */
  @Test
  void tells_a_caller_to_retry_if_its_fetch_gets_no_thread() throws Exception {
    Latch begun = new Latch(1);
    Latch waited = new Latch(1);
    RemoteKeys threadless =
        runBy(
            _ -> {
              begun.countDown();
              waited.await();
              throw new InternalError("unable to create native thread");
            });
    List<Outcome<List<VerificationKey>>> told = new CopyOnWriteArrayList<>();
    Thread first = Thread.ofVirtual().start(() -> told.add(threadless.keys("a", FAR)));
    begun.await();
    Thread second = Thread.ofVirtual().start(() -> told.add(threadless.keys("a", FAR)));
    while (second.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    waited.countDown();
    first.join();
    second.join();

    assertThat(told)
        .hasSize(2)
        .allSatisfy(
            outcome -> {
              Refusal refusal = refused(outcome, RefusalReason.KEYS_UNREACHABLE);
              assertThat(refusal.retryAfter()).isGreaterThanOrEqualTo(COOL_DOWN);
            });
  }

  /** A hit in the cache asks for the version, which is no place to fail for want of a thread. */
  @Test
  void serves_stale_keys_where_their_refresh_gets_no_thread() {
    Queue<Executor> threads = new ArrayDeque<>();
    threads.add(Runnable::run);
    RemoteKeys soonThreadless = runBy(work -> threads.remove().execute(work));
    accepted(soonThreadless.keys("a", FAR));
    long version = soonThreadless.version();
    clock.advance(TTL);

    assertThat(soonThreadless.version()).isEqualTo(version);
    assertThat(accepted(soonThreadless.keys("a", FAR))).hasSize(1);
  }

  // --- the bound

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void never_fetches_more_than_the_bound_in_any_window(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 6000; step++) {
      clock.advance(Duration.ofMillis(random.nextInt(random.nextInt(50) == 0 ? 400_000 : 8_000)));
      if (random.nextInt(20) == 0) {
        changeSomething(random);
      }
      for (int call = random.nextInt(4); call >= 0; call--) {
        keys.keys(random.nextInt(3) == 0 ? null : "kid-" + random.nextInt(40), FAR);
      }
      if (random.nextInt(10) == 0) {
        keys.prefetch(() -> {});
      }
    }
    assertThat(keys.status().fetches()).isEqualTo(issuer.fetches());
    FetchBound.assertHolds(issuer.fetchNanos(), COOL_DOWN, TTL, seed);
  }

  private void changeSomething(Random random) {
    FetchFailure[] kinds = FetchFailure.values();
    switch (random.nextInt(8)) {
      case 0 -> issuer.fail(kinds[random.nextInt(kinds.length)]);
      case 1 -> issuer.recover("kid-" + random.nextInt(40));
      case 2 -> issuer.answerKeys(issuer.answer("<html>"));
      case 3 -> issuer.answerDiscovery(issuer.answer("{}"));
      case 4 -> issuer.moveKeys(ScriptedIssuer.ISSUER + "/jwks-" + random.nextInt(5));
      case 5 -> issuer.nameInDiscovery("https://other.example");
      case 6 -> issuer.nameInDiscovery(ScriptedIssuer.ISSUER);
      default ->
          issuer.publishFor(Duration.ofSeconds(random.nextInt(5000)), "kid-" + random.nextInt(40));
    }
  }

  private List<VerificationKey> ask(@Nullable String kid) {
    return accepted(keys.keys(kid, FAR));
  }

  private RemoteKeys remote(DocumentSource documents, @Nullable URI jwksUri) {
    return remote(documents, jwksUri, Runnable::run);
  }

  private RemoteKeys remote(DocumentSource documents, @Nullable URI jwksUri, Executor threads) {
    return new RemoteKeys(
        location(jwksUri),
        TIMES,
        KeySources.IssuerAccess.open(documents),
        clocks,
        threads,
        ChangeListener.NONE);
  }

  private RemoteKeys remoteHeldBack() {
    return runBy(heldBack::add);
  }

  private RemoteKeys runBy(Executor threads) {
    return remote(issuer, null, threads);
  }

  private RemoteKeys by(TestClock wall) {
    Clocks own = new TestClocks(wall, clock::nanoTime);
    return new RemoteKeys(
        location(null),
        TIMES,
        KeySources.IssuerAccess.open(issuer),
        own,
        Runnable::run,
        ChangeListener.NONE);
  }

  private static CallEnd dated(Duration age, Instant date) {
    return ScriptedIssuer.answer(ScriptedIssuer.keySet("a"), null, age, date);
  }

  private static CallEnd outOfCache(Duration age) {
    return ScriptedIssuer.answer(ScriptedIssuer.keySet("a"), Duration.ofHours(1), age, null);
  }

  private void runHeldBack() {
    for (Runnable task = heldBack.poll(); task != null; task = heldBack.poll()) {
      task.run();
    }
  }

  private static KeyLocation location(@Nullable URI jwksUri) {
    return new KeyLocation(ScriptedIssuer.ISSUER, jwksUri, null);
  }
}
