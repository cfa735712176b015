package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.TokenMinter;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RelayedVerifier;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("store")
class OnceOnlyTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(22);
  private static final String GOOD = ISSUER.credential("acme/payments");

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = new ArrayList<>();
  private final UsedCredentials used = new UsedCredentials(3, clock);
  private final OnceOnly once = TestExchange.once(used, clock);
  private final TokenMinter minter = TestExchange.minter(clock);
  private final Path directory;
  private final Federation federation;
  private final TokenExchange exchange;

  OnceOnlyTest(@TempDir Path directory) {
    this.directory = directory;
    this.federation = federation(ISSUER.federation("once: true"));
    this.exchange = exchange(federation, minter);
  }

  @Test
  void exchanges_a_credential_once_and_never_from_the_cache() {
    token(ask(GOOD, "payments-api"));

    Exchanged again = ask(GOOD, "payments-api");

    assertThat(again.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    assertThat(failed(again.verdict())).isEqualTo(Step.ONCE);
    assertThat(again.verdict().authentic()).isTrue();
    assertThat(records).hasSize(2).last().extracting(ExchangeRecord::token).isNull();
  }

  @Test
  void is_used_for_whatever_else_is_asked_with_it() {
    token(ask(GOOD, "payments-api", "read"));

    for (Exchanged other :
        List.of(
            ask(GOOD, "payments-api"), ask(GOOD, "orders"), ask(GOOD, "payments-api", "deploy"))) {
      assertThat(other.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    }
  }

  @Test
  void exchanges_credentials_of_other_issuers_repeatedly() {
    TokenExchange lenient = exchange(federation(ISSUER.federation("once: false")), minter);

    IssuedToken first = token(ask(lenient, GOOD, "payments-api"));

    assertThat(token(ask(lenient, GOOD, "payments-api"))).isSameAs(first);
    token(ask(lenient, GOOD, "orders"));
    assertThat(used.remembered()).isZero();
    assertThat(records)
        .flatExtracting(record -> record.verdict().steps())
        .filteredOn(finding -> finding.step() == Step.ONCE)
        .isNotEmpty()
        .allMatch(finding -> finding.result() == Result.SKIPPED);
  }

  @Test
  void a_refusal_before_the_grant_does_not_use_it() {
    assertThat(ask(GOOD, "nowhere").verdict().reason()).isEqualTo(RefusalReason.TARGET_UNKNOWN);
    assertThat(ask(GOOD, "payments-api", "delete").verdict().reason())
        .isEqualTo(RefusalReason.SCOPE_NOT_GRANTED);

    token(ask(GOOD, "payments-api"));
  }

  @Test
  void a_token_that_cannot_be_made_does_not_use_it() {
    TokenExchange keyless =
        exchange(
            federation, _ -> Outcome.refused(Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE)));
    assertThat(ask(keyless, GOOD, "payments-api").verdict().reason())
        .isEqualTo(RefusalReason.SIGNING_KEY_UNAVAILABLE);

    token(ask(GOOD, "payments-api"));
  }

  @Test
  void a_bug_on_the_way_leaves_it_used() {
    TokenExchange faulty = exchange(federation, _ -> Unchecked.raise(new IllegalStateException()));
    try (CapturedLog _ = new CapturedLog()) {
      assertThat(ask(faulty, GOOD, "payments-api").verdict().reason())
          .isEqualTo(RefusalReason.INTERNAL_ERROR);
    }

    assertThat(ask(GOOD, "payments-api").verdict().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void explaining_says_whether_it_was_used_and_does_not_use_it() {
    for (int at = 0; at < 2; at++) {
      Verdict before = TestExchange.explain(exchange, request("payments-api"));
      assertThat(before.accepted()).isTrue();
      assertThat(once(before).result()).isEqualTo(Result.PASSED);
    }
    token(ask(GOOD, "payments-api"));

    Verdict after = TestExchange.explain(exchange, request("payments-api"));

    assertThat(after.reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    assertThat(once(after).seen()).contains(TestClock.START.toString());
  }

  @Test
  void a_later_revision_does_not_make_a_used_one_good() {
    token(ask(GOOD, "payments-api"));
    clock.advance(Duration.ofSeconds(620)); // past its exp and the leeway of now
    assertThat(ask(GOOD, "payments-api").verdict().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);

    TokenExchange renamed =
        exchange(
            federation(
                ISSUER
                    .federation("once: true\n    leeway: 5m")
                    .replace("name: acme", "name: renamed")
                    .replace("issuer: acme", "issuer: renamed")),
            minter);

    assertThat(ask(renamed, GOOD, "payments-api").verdict().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void refuses_for_now_where_the_share_is_used_up() {
    token(ask(ISSUER.credential("acme/payments", TestClock.START.getEpochSecond() + 1), "orders"));

    Exchanged full = ask(GOOD, "payments-api");

    assertThat(full.verdict().reason()).isEqualTo(RefusalReason.SHARE_USED_UP);
    assertThat(failed(full.verdict())).isEqualTo(Step.ONCE);
    assertThat(((Outcome.Refused<IssuedToken>) full.outcome()).refusal().retryAfter())
        .isGreaterThanOrEqualTo(Duration.ofSeconds(60));
    Verdict explained = TestExchange.explain(exchange, request("payments-api"));
    assertThat(explained.reason()).isEqualTo(RefusalReason.SHARE_USED_UP);
    assertThat(once(explained).result()).isEqualTo(Result.FAILED);
  }

  /** It was used up before its token was to be made, and there was no time for that. */
  @Test
  void is_given_back_where_there_is_no_time_left_to_make_the_token() {
    CredentialVerifier real = TestVerifiers.of(clock);
    TokenExchange slow =
        TestExchange.by(federation, clock, List.of(records::add))
            .verifier(new Slow(real))
            .once(once)
            .build();

    Duration patience = Duration.ofMillis(50);
    Exchanged late = ask(slow, patience);
    while (failed(late.verdict()) != Step.MINT) { // too busy a machine for that time
      patience = patience.multipliedBy(2);
      late = ask(slow, patience);
    }

    assertThat(late.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(used.remembered()).isZero();
    token(ask(GOOD, "payments-api"));
  }

  private static Exchanged ask(TokenExchange of, Duration patience) {
    return TestExchange.exchange(of, request("payments-api"), Deadline.after(patience));
  }

  /** Verifies until the deadline has passed. */
  private record Slow(CredentialVerifier real) implements RelayedVerifier {

    @Override
    public Outcome<VerifiedIdentity> verify(
        PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail) {
      Outcome<VerifiedIdentity> verified = real.verify(credential, issuers, deadline, trail);
      while (!deadline.hasPassed()) {
        Thread.onSpinWait();
      }
      return verified;
    }
  }

  private Exchanged ask(String credential, String audience, String... scopes) {
    return ask(exchange, credential, audience, scopes);
  }

  private static Exchanged ask(
      TokenExchange of, String credential, String audience, String... scopes) {
    return TestExchange.exchange(of, TestExchange.request(audience, credential, scopes));
  }

  private static ExchangeRequest request(String audience) {
    return TestExchange.request(audience, GOOD);
  }

  private TokenExchange exchange(Federation by, TokenMinter with) {
    return TestExchange.by(by, clock, List.of(records::add)).minter(with).once(once).build();
  }

  private Federation federation(String document) {
    return TestExchange.federation(directory, document, clock);
  }

  private static Finding once(Verdict verdict) {
    return verdict.steps().get(Step.all().indexOf(Step.ONCE));
  }
}
