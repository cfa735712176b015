package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Changed credentials are refused, in order and without showing anything.
 *
 * <p>{@code -Dfuzz.mutations=200000} tries more of them, {@code -Dfuzz.seed=…} those of an earlier
 * run; keys and signatures differ between runs.
 */
@Tag("drawn")
@ParameterizedClass
@MethodSource("dev.tokenbroker.base.jose.SignatureProviders#each")
class CredentialFuzzTest {

  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);
  private static final long SEED = Long.getLong("fuzz.seed", 20261124L);

  private final SignatureProvider provider;

  CredentialFuzzTest(SignatureProvider provider) {
    this.provider = provider;
  }

  @Test
  void never_accepts_a_changed_credential_or_fails_or_shows_it() {
    System.out.printf("CredentialFuzzTest: %d mutations, seed %d%n", MUTATIONS, SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    List<TestKey> keys =
        List.of(
            TestKey.generate("k-1", SigningAlgorithm.RS256),
            TestKey.generate("k-2", SigningAlgorithm.ES256),
            TestKey.generate("k-3", SigningAlgorithm.EDDSA));
    TrustedIssuer issuer =
        TestIssuers.of("acme", TestCredential.ISSUER, TestKeys.of(keys.toArray(new TestKey[0])));
    TrustedIssuers issuers = TrustedIssuers.of(List.of(issuer));
    List<String> credentials =
        keys.stream().map(TestCredential::of).map(TestCredential::sign).toList();
    CredentialMutator mutator = new CredentialMutator(random, credentials);
    credentials.forEach(
        good -> assertThat(Evaluation.by(provider, good, issuers).accepted()).isTrue());

    Map<RefusalReason, Integer> endings = new EnumMap<>(RefusalReason.class);
    for (int mutation = 0; mutation < MUTATIONS; mutation++) {
      String good = credentials.get(random.nextInt(credentials.size()));
      String mutant = mutator.mutate(good);
      check(good, mutant, issuers, mutation)
          .ifPresent(reason -> endings.merge(reason, 1, Integer::sum));
    }

    System.out.println("CredentialFuzzTest: " + endings);
    // The mutations are worth something only if they come to every check that they can come to.
    assertThat(endings)
        .containsKeys(
            RefusalReason.CREDENTIAL_MALFORMED,
            RefusalReason.CREDENTIAL_NOT_SUPPORTED,
            RefusalReason.CLAIM_MISSING,
            RefusalReason.ISSUER_UNKNOWN,
            RefusalReason.ALGORITHM_NOT_ALLOWED,
            RefusalReason.KEY_UNKNOWN,
            RefusalReason.SIGNATURE_INVALID);
  }

  private Optional<RefusalReason> check(
      String good, String mutant, TrustedIssuers issuers, int mutation) {
    String which = "mutation " + mutation + " of seed " + SEED;
    try {
      Evaluation evaluation = Evaluation.by(provider, mutant, issuers);
      if (evaluation.accepted()) {
        assertThat(mutant).as(which).isEqualTo(good);
        return Optional.empty();
      }
      List<String> evidence = evaluation.evidence();
      assertThat(TokenTraces.in(evidence, good)).as(which).isEmpty();
      assertThat(TokenTraces.in(evidence, "." + mutant)).as(which).isEmpty();
      return Optional.of(evaluation.refusal().reason());
    } catch (RuntimeException e) {
      throw new AssertionError(which, e);
    }
  }
}
