package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two entries of the federation with the same {@code iss}, as two clusters have it. */
class SharedIssuerTest {

  private static final TestKey KEY_A = TestKey.generate("key-a", SigningAlgorithm.ES256);
  private static final TestKey KEY_B = TestKey.generate("key-b", SigningAlgorithm.ES256);

  private final TestKeys keysOfA = TestKeys.counted(KEY_A);
  private final TestKeys keysOfB = TestKeys.counted(KEY_B);
  private final TrustedIssuer a = issuer("cluster-a", "for-a", keysOfA);
  private final TrustedIssuer b = issuer("cluster-b", "for-b", keysOfB);

  @Test
  void verifies_each_credential_by_the_keys_of_its_own_entry() {
    assertThat(verified(KEY_A, "for-a").issuer()).isEqualTo(a);
    assertThat(verified(KEY_B, "for-b").issuer()).isEqualTo(b);
  }

  @Test
  void refuses_a_credential_for_the_audience_of_the_other() {
    Refusal refusal =
        Evaluation.of(credential(KEY_A, "for-b").sign(), a, b)
            .refused(RefusalReason.KEY_UNKNOWN, Step.KEY);

    assertThat(refusal.hints().toString())
        .contains("The issuer cluster-a has a key of that name")
        .contains("with another aud?");
    Evaluation.of(credential(KEY_A, "for-b").header("kid", "key-b").sign(), a, b)
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
    Evaluation.of(credential(KEY_A, "for-b").withoutHeader("kid").sign(), a, b)
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
  }

  @Test
  void refuses_a_credential_for_both_before_any_key_is_used() {
    Refusal refusal =
        Evaluation.of(credential(KEY_A, "for-a", "for-b").sign(), a, b)
            .refused(RefusalReason.ISSUER_AMBIGUOUS, Step.ISSUER);

    assertThat(refusal.expected()).contains("cluster-a", "cluster-b");
    assertThat(refusal.seen()).isEqualTo("for-a, for-b");
    assertThat(keysOfA.asked() + keysOfB.asked()).isZero();
  }

  @Test
  void refuses_a_credential_for_neither_and_lists_both_audiences() {
    Refusal refusal =
        Evaluation.of(credential(KEY_A, "FOR-A").sign(), a, b)
            .refused(RefusalReason.AUDIENCE_MISMATCH, Step.ISSUER);

    assertThat(refusal.expected()).isEqualTo("one of for-a, for-b");
    assertThat(refusal.seen()).isEqualTo("FOR-A");
    assertThat(keysOfA.asked() + keysOfB.asked()).isZero();
  }

  /** Otherwise one cluster could use up the credentials of the other. */
  @Test
  void tells_credentials_with_the_same_jti_apart() {
    String onceOfA = verified(KEY_A, "for-a").onceId();
    String onceOfB = verified(KEY_B, "for-b").onceId();
    String alone = Evaluation.of(credential(KEY_A, "for-a").sign(), a).identity().onceId();

    assertThat(List.of(onceOfA + "", onceOfB + "", alone + "")).doesNotHaveDuplicates();
    assertThat(verified(KEY_A, "for-a").onceId()).isEqualTo(onceOfA);
  }

  private VerifiedIdentity verified(TestKey key, String audience) {
    return Evaluation.of(credential(key, audience).sign(), a, b).identity();
  }

  private static TestCredential credential(TestKey key, String... audiences) {
    return TestCredential.of(key).claim("aud", List.of(audiences)).claim("jti", "the-same");
  }

  private static TrustedIssuer issuer(String name, String audience, TestKeys keys) {
    return TestIssuers.of(
        name, TestCredential.ISSUER, audience, Duration.ofSeconds(60), null, true, keys);
  }
}
