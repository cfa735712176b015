package dev.tokenbroker.judge.possession;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Two replicas with one store, and proofs of possession. */
class UsedProofsTest {

  private static final String URI = "https://broker.example/token";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);

  private final TestClock clock = new TestClock();
  private final TestStore store = new TestStore();
  private final TestDpopSettings settings = TestDpopSettings.defaults();
  private final ProofVerifier one = replica(settings);
  private final ProofVerifier two = replica(settings);
  private final PresentedKeys good = proof().presented();

  @Test
  void what_one_replica_has_accepted_is_a_replay_at_the_other() {
    accepted(one.take(good, TestProof.somebody()));

    refused(look(two, good), RefusalReason.DPOP_PROOF_REPLAYED);
    refused(two.take(good, TestProof.somebody()), RefusalReason.DPOP_PROOF_REPLAYED);
    store.away(true);
    refused(two.take(good, TestProof.somebody()), RefusalReason.DPOP_PROOF_REPLAYED);
  }

  @Test
  void two_keys_may_use_the_same_jti() {
    TestKey other = TestKey.generate("other", SigningAlgorithm.ES256);
    accepted(one.take(proof().claim("jti", "same").presented(), TestProof.somebody()));
    accepted(
        two.take(
            TestProof.of(other, "POST", URI, clock.instant()).claim("jti", "same").presented(),
            TestProof.somebody()));
  }

  @Test
  void looking_uses_nothing_up() {
    accepted(look(one, good));
    accepted(look(two, good));
    assertThat(store.size()).isZero();
    accepted(one.take(good, TestProof.somebody()));
  }

  @Test
  void refuses_a_proof_for_now_unused_while_the_store_is_away() {
    store.away(true);

    refused(one.take(good, TestProof.somebody()), RefusalReason.STORE_UNAVAILABLE);
    refused(look(one, good), RefusalReason.STORE_UNAVAILABLE);

    assertThat(one.remembered()).isZero();
    store.away(false);
    accepted(one.take(good, TestProof.somebody()));
  }

  @Test
  void accepts_a_nonce_proof_once_per_replica_without_the_store() {
    TestDpopSettings demanding = settings.withNonces();
    Nonces nonces = new Nonces(demanding, clock);
    ProofVerifier three = replica(demanding, nonces);
    PresentedKeys fresh = proof().claim("nonce", nonces.current()).presented();
    store.away(true);

    accepted(look(three, fresh));
    accepted(three.take(fresh, TestProof.somebody()));

    refused(three.take(fresh, TestProof.somebody()), RefusalReason.DPOP_PROOF_REPLAYED);
    accepted(replica(demanding, nonces).take(fresh, TestProof.somebody()));
  }

  @Test
  void after_a_loss_only_proofs_made_later_are_accepted() {
    accepted(one.take(good, TestProof.somebody()));
    store.lose(clock);

    clock.advance(TestStore.MAX_SKEW);
    refused(two.take(good, TestProof.somebody()), RefusalReason.STORE_UNAVAILABLE);
    refused(look(two, good), RefusalReason.STORE_UNAVAILABLE);
    refused(two.take(proof().presented(), TestProof.somebody()), RefusalReason.STORE_UNAVAILABLE);
    clock.advance(Duration.ofSeconds(1));
    refused(two.take(good, TestProof.somebody()), RefusalReason.STORE_UNAVAILABLE);
    accepted(two.take(proof().presented(), TestProof.somebody()));
  }

  @Test
  void the_store_keeps_a_proof_for_as_long_as_it_is_accepted() {
    accepted(one.take(good, TestProof.somebody()));

    assertThat(store.lastTtl()).isEqualTo(ReplayWindow.retention(settings));
  }

  private static Outcome<ProvedKeys> look(ProofVerifier verifier, PresentedKeys keys) {
    return verifier.check(keys).then(verifier::look);
  }

  private TestProof proof() {
    return TestProof.of(KEY, "POST", URI, clock.instant());
  }

  private ProofVerifier replica(DpopSettings by) {
    return replica(by, new Nonces(by, clock));
  }

  private ProofVerifier replica(DpopSettings by, Nonces nonces) {
    return new ProofVerifier(
        by, nonces, SignatureProvider.automatic(), new UsedProofs(by, store, clock), clock);
  }

  private static void refused(Outcome<ProvedKeys> outcome, RefusalReason reason) {
    assertThat(reason(outcome)).isEqualTo(reason);
  }
}
