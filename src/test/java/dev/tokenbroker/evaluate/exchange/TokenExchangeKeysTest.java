package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers who hold keys, and credentials that are for their holders only. */
class TokenExchangeKeysTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(7);
  private static final String GOOD = ISSUER.credential("acme/payments");
  private static final String URI = "https://broker.example/token";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = new ArrayList<>();
  private final GatedVerifier verifier = new GatedVerifier(clock);
  private final Queue<Runnable> started = new ArrayDeque<>();
  private final Federation federation;
  private final TokenExchange exchange;

  TokenExchangeKeysTest(@TempDir Path directory) {
    federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    exchange = exchange().build();
  }

  private TestExchange exchange() {
    return TestExchange.by(federation, clock, List.of(records::add)).verifier(verifier);
  }

  @Test
  void get_the_token_of_a_bound_credential_only_if_they_proved_it() {
    PresentedKeys holder = PresentedKeys.of("certificate", null);
    assertThat(token(ask(bound(), holder))).isNotNull();
    assertThat(token(ask(bound(), holder))).isNotNull();
    assertThat(verifier.threads()).hasSize(1);

    for (PresentedKeys others :
        List.of(PresentedKeys.NONE, PresentedKeys.of("another certificate", null))) {
      Exchanged refused = ask(bound(), others);
      assertThat(refused.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_KEY_NOT_PROVED);
      assertThat(refused.verdict().rule()).isNull();
    }
  }

  @Test
  void an_explanation_shows_that_the_bound_key_is_not_proved() {
    Verdict verdict = TestExchange.explain(exchange, request("payments-api", bound()));
    assertThat(verdict.reason()).isEqualTo(RefusalReason.CREDENTIAL_KEY_NOT_PROVED);
    assertThat(failed(verdict)).isEqualTo(Step.BINDING);
  }

  /** A check may wait, and costs a signature: it is not for an event loop. */
  @Test
  void have_their_proofs_checked_on_another_thread() {
    TokenExchange queued = exchange().threads(started::add).build();
    CompletionStage<Exchanged> asked = begin(queued, GOOD, proof());
    assertThat(started).hasSize(1);
    assertThat(verifier.threads()).isEmpty();

    started.remove().run();
    assertThat(asked.toCompletableFuture()).isNotCompleted();
    started.remove().run();
    assertThat(asked.toCompletableFuture()).as("its proof is not used up yet").isNotCompleted();
    started.remove().run();

    Verdict verdict = Endings.now(asked).verdict();
    assertThat(verdict.accepted()).isTrue();
    assertThat(verdict.steps().get(Step.all().indexOf(Step.PROOF)).result())
        .isEqualTo(Result.PASSED);
  }

  @Test
  void proofs_are_checked_and_noted_for_each_caller_of_a_held_token() {
    PresentedKeys proof = proof();
    token(ask(GOOD, proof));
    token(ask(GOOD, proof()));
    assertThat(verifier.threads()).hasSize(1);
    assertThat(records)
        .allMatch(record -> record.ownSteps().stream().anyMatch(own -> own.step() == Step.PROOF));

    Exchanged again = ask(GOOD, proof);

    assertThat(failed(again.verdict())).isEqualTo(Step.PROOF);
    assertThat(verifier.threads()).hasSize(1);
  }

  @Test
  void unverified_credentials_do_not_use_up_the_room_for_proofs() {
    TokenExchange small =
        exchange().dpop(TestDpopSettings.defaults().withMaxRemembered(40)).build();
    for (String unverified : List.of("x", GOOD + "x", "a.b.c", GOOD.replace(".", ".."))) {
      assertThat(Endings.now(begin(small, unverified, proof())).verdict().authentic()).isFalse();
    }
    PresentedKeys proof = proof();
    assertThat(token(Endings.now(begin(small, GOOD, proof)))).isNotNull();
    assertThat(token(Endings.now(begin(small, GOOD, proof())))).isNotNull();

    assertThat(Endings.now(begin(small, GOOD, proof())).verdict().reason())
        .isEqualTo(RefusalReason.SHARE_USED_UP);
  }

  @Test
  void get_one_token_for_one_proof_that_comes_twice_at_a_time() {
    TokenExchange queued = exchange().threads(started::add).build();
    PresentedKeys proof = proof();
    List<CompletionStage<Exchanged>> asked =
        List.of(
            begin(queued, GOOD, proof), begin(queued, GOOD, proof), begin(queued, GOOD, proof()));
    while (!started.isEmpty()) {
      started.remove().run();
    }

    List<Exchanged> ended = asked.stream().map(Endings::now).toList();
    assertThat(ended.stream().filter(each -> each.verdict().accepted())).hasSize(2);
    assertThat(ended.get(2).verdict().accepted()).isTrue();
    Verdict refused =
        ended.stream()
            .map(Exchanged::verdict)
            .filter(each -> !each.accepted())
            .findAny()
            .orElseThrow();
    assertThat(refused.reason()).isEqualTo(RefusalReason.DPOP_PROOF_REPLAYED);
    assertThat(failed(refused)).isEqualTo(Step.PROOF);
    assertThat(refused.authentic()).isTrue();
    assertThat(records).hasSize(3);
    assertThat(verifier.threads()).hasSize(1);
  }

  @Test
  void are_answered_and_recorded_where_their_proof_gets_no_thread() {
    TokenExchange threadless =
        exchange()
            .threads(_ -> Unchecked.raise(new InternalError("unable to create native thread")))
            .build();
    try (CapturedLog log = new CapturedLog()) {
      Verdict verdict = Endings.now(begin(threadless, GOOD, proof())).verdict();

      assertThat(verdict.reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(records).extracting(ExchangeRecord::verdict).containsExactly(verdict);
      assertThat(log.taken()).hasSize(1);
    }
  }

  private PresentedKeys proof() {
    return TestProof.of(KEY, "POST", URI, clock.instant()).presented();
  }

  private static String bound() {
    long now = TestClock.START.getEpochSecond();
    return ISSUER.sign(
        """
        {"iss":"%s","sub":"bound","aud":"%s","exp":%d,"iat":%d,"repository":"acme/payments",\
        "cnf":{"x5t#S256":"certificate"}}"""
            .formatted(SeededIssuer.ISSUER, SeededIssuer.AUDIENCE, now + 500, now));
  }

  private Exchanged ask(String credential, PresentedKeys keys) {
    return Endings.now(begin(exchange, credential, keys));
  }

  private static CompletionStage<Exchanged> begin(
      TokenExchange on, String credential, PresentedKeys keys) {
    return on.exchange(request("payments-api", credential, keys), enough(), Runnable::run);
  }
}
