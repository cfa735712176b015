package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which credentials say that they may be exchanged once only. */
class OnceOnlyCredentialTest {

  private static final String OTHER = "https://other.example";
  private static final TestKey KEY = TestKey.generate("k-1", SigningAlgorithm.ES256);
  private static final TestKey ANOTHER = TestKey.generate("k-1", SigningAlgorithm.ES256);

  private final JwtVerifier verifier = TestVerifiers.of(new TestClock());
  private final TrustedIssuers issuers =
      TrustedIssuers.of(
          List.of(issuer("once", TestCredential.ISSUER, true), issuer("often", OTHER, false)));

  @Test
  void is_that_of_an_issuer_declared_so() {
    assertThat(isOnceOnly(TestCredential.of(KEY).sign())).isTrue();
  }

  @Test
  void is_none_of_another_issuer_nor_of_a_stranger() {
    assertThat(isOnceOnly(TestCredential.of(KEY).claim("iss", OTHER).sign())).isFalse();
    assertThat(isOnceOnly(TestCredential.of(KEY).claim("iss", "https://stranger.example").sign()))
        .isFalse();
  }

  /** It is refused by the first who verifies it, whoever shares that. */
  @ParameterizedTest
  @ValueSource(strings = {"", "x", "a.b.c", "e30.e30."})
  void is_none_that_cannot_be_read(String unreadable) {
    assertThat(isOnceOnly(unreadable)).isFalse();
  }

  /** What it says is enough: nobody shares it, and its signature is checked for each. */
  @Test
  void is_one_that_says_so_though_nothing_of_it_is_verified() {
    assertThat(isOnceOnly(TestCredential.of(ANOTHER).claim("exp", 1L).sign())).isTrue();
  }

  @Test
  void is_none_where_no_issuer_is_declared_so() {
    TrustedIssuer often = issuer("often", TestCredential.ISSUER, false);
    assertThat(isOnceOnly(TestCredential.of(KEY).sign(), TrustedIssuers.of(List.of(often))))
        .isFalse();
  }

  private boolean isOnceOnly(String credential) {
    return isOnceOnly(credential, issuers);
  }

  private boolean isOnceOnly(String credential, TrustedIssuers trusted) {
    return verifier.isOnceOnly(
        new PresentedCredential("urn:ietf:params:oauth:token-type:jwt", credential), trusted);
  }

  private static TrustedIssuer issuer(String name, String issuer, boolean once) {
    return TestIssuers.of(
        name,
        issuer,
        TestCredential.AUDIENCE,
        Duration.ofSeconds(60),
        null,
        once,
        TestKeys.of(KEY));
  }
}
