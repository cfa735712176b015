package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.TokenMinter;
import dev.tokenbroker.judge.credential.SharedUses;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two replicas with one store, and credentials that may be exchanged once. */
class OnceOnlyReplicasTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(24);
  private static final String GOOD = ISSUER.credential("acme/payments");

  private final TestClock clock = new TestClock();
  private final TestStore store = new TestStore();
  private final UsedCredentials usedAtOne = new UsedCredentials(3, clock);
  private final Federation federation;
  private final TokenExchange one;
  private final TokenExchange two;

  OnceOnlyReplicasTest(@TempDir Path directory) {
    this.federation = TestExchange.federation(directory, ISSUER.federation("once: true"), clock);
    this.one = replica(usedAtOne, TestExchange.minter(clock));
    this.two = replica(new UsedCredentials(3, clock), TestExchange.minter(clock));
  }

  @Test
  void what_one_replica_has_exchanged_is_used_at_the_other() {
    token(ask(one));

    Exchanged again = ask(two);

    assertThat(again.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    assertThat(failed(again.verdict())).isEqualTo(Step.ONCE);
    assertThat(explained(two).reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void a_replica_gives_back_what_it_made_no_token_for() {
    TokenExchange keyless =
        replica(
            new UsedCredentials(3, clock),
            _ -> Outcome.refused(Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE)));

    assertThat(ask(keyless).verdict().reason()).isEqualTo(RefusalReason.SIGNING_KEY_UNAVAILABLE);

    assertThat(store.size()).isZero();
    token(ask(one));
  }

  @Test
  void what_a_replica_is_about_to_exchange_can_be_asked_for_again() {
    List<Exchanged> meanwhile = new ArrayList<>();
    TokenMinter minter = TestExchange.minter(clock);
    TokenExchange slow =
        replica(
            new UsedCredentials(3, clock),
            grant -> {
              meanwhile.add(ask(two));
              return minter.mint(grant);
            });

    token(ask(slow));

    assertThat(meanwhile)
        .singleElement()
        .extracting(ended -> ended.verdict().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_IN_USE);
    assertThat(RefusalReason.CREDENTIAL_IN_USE.fault()).isEqualTo(RefusalReason.Fault.CALLER);
    assertThat(RefusalReason.CREDENTIAL_IN_USE.retry()).isEqualTo(RefusalReason.Retry.LATER);
    assertThat(ask(two).verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 5", "20, 20, 24", "50, 50, 54", "290, 60, 64"})
  void callers_wait_longer_the_longer_a_dead_replica_holds_a_claim(int held, int from, int to) {
    TokenExchange dying =
        replica(
            new UsedCredentials(3, clock),
            _ -> Unchecked.raise(new IllegalStateException("killed")));
    assertThat(ask(dying).verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
    clock.advance(Duration.ofSeconds(held));

    Refusal refusal = Outcomes.refused(ask(two).outcome(), RefusalReason.CREDENTIAL_IN_USE);
    assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(from), Duration.ofSeconds(to));
  }

  @Test
  void refuses_for_now_without_using_up_while_the_store_is_away() {
    store.away(true);

    Exchanged refused = ask(one);

    assertThat(refused.verdict().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(RefusalReason.STORE_UNAVAILABLE.retry()).isEqualTo(RefusalReason.Retry.LATER);
    assertThat(failed(refused.verdict())).isEqualTo(Step.ONCE);
    assertThat(explained(one).reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(usedAtOne.remembered()).isZero();
    store.away(false);
    token(ask(one));
  }

  @Test
  void a_replica_knows_what_it_has_exchanged_without_the_store() {
    token(ask(one));
    store.away(true);

    assertThat(ask(one).verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void after_a_loss_refuses_used_credentials_and_accepts_later_ones() {
    token(ask(one));
    store.lose(clock);

    clock.advance(TestStore.MAX_SKEW.plusSeconds(1));

    assertThat(ask(two).verdict().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(explained(two).reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(store.size()).isZero();
    assertThat(ask(one).verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    token(ask(two, issuedAt(clock.instant())));
  }

  @Test
  void after_a_loss_a_credential_of_a_fast_issuer_clock_waits() {
    String ahead = issuedAt(clock.instant().plusSeconds(20));
    token(ask(one, ahead));
    store.lose(clock);

    assertThat(ask(two, ahead).verdict().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
  }

  @Test
  void a_credential_that_tells_no_time_of_issue_waits_after_a_loss() {
    store.lose(clock);
    clock.advance(Duration.ofDays(1));
    String undated = ISSUER.sign(claims(clock.instant(), "\"undated\":true"));
    assertThat(ask(two, undated).verdict().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);

    clock.advance(TestStore.MAX_SKEW.plusSeconds(1));

    token(ask(two, undated));
  }

  @Test
  void stores_a_use_while_any_document_accepts_the_credential() {
    token(ask(one));

    assertThat(store.lastTtl()).isEqualTo(Duration.ofMinutes(9).plus(Duration.ofMinutes(5)));
  }

  @Test
  void explaining_claims_nothing() {
    assertThat(explained(one).accepted()).isTrue();
    assertThat(store.size()).isZero();
    token(ask(two));
  }

  private TokenExchange replica(UsedCredentials used, TokenMinter minter) {
    return TestExchange.by(federation, clock, List.of())
        .minter(minter)
        .once(new OnceOnly(new SharedUses(used, store, clock)))
        .build();
  }

  private static Exchanged ask(TokenExchange of) {
    return ask(of, GOOD);
  }

  private static Exchanged ask(TokenExchange of, String credential) {
    return TestExchange.exchange(of, request("payments-api", credential));
  }

  private static String issuedAt(Instant time) {
    return ISSUER.sign(claims(time, "\"iat\":%d".formatted(time.getEpochSecond())));
  }

  private static String claims(Instant time, String more) {
    return """
        {"iss":"%s","sub":"one","aud":"%s","exp":%d,"repository":"acme/payments",%s}"""
        .formatted(
            SeededIssuer.ISSUER,
            SeededIssuer.AUDIENCE,
            time.plusSeconds(300).getEpochSecond(),
            more);
  }

  private static Verdict explained(TokenExchange of) {
    return TestExchange.explain(of, request("payments-api", GOOD));
  }
}
