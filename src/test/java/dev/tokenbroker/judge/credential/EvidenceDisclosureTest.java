package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever becomes of a credential, no part of it can be put together again from the evidence. */
class EvidenceDisclosureTest {

  private static final TestKey KEY = TestKey.generate("es-1", SigningAlgorithm.ES256);
  private static final TestKey OTHER = TestKey.generate("es-1", SigningAlgorithm.ES256);

  private static final TrustedIssuer ISSUER =
      TestIssuers.of(
          "acme",
          TestCredential.ISSUER,
          TestCredential.AUDIENCE,
          Duration.ofSeconds(60),
          Duration.ofSeconds(300),
          false,
          TestKeys.of(KEY));

  static Stream<String> credentials_of_every_ending() {
    String good = TestCredential.of(KEY).sign();
    String payload = good.substring(good.indexOf('.') + 1, good.lastIndexOf('.'));
    return Stream.of(
        good,
        good + "=",
        "Bearer " + good,
        good + "." + good,
        good.substring(0, good.lastIndexOf('.') + 1),
        "{\"access_token\":\"" + good + "\"}",
        TestCredential.encode("{\"alg\":\"" + payload + "\"}") + "." + payload + ".AAAA",
        TestCredential.encode("{\"" + "\\u0000" + "\"") + "." + payload + ".AAAA",
        TestCredential.of(OTHER).sign(),
        TestCredential.of(KEY).header("alg", payload).sign(),
        TestCredential.of(KEY).header("alg", "none").sign(),
        TestCredential.of(KEY).header("kid", "gone").sign(),
        TestCredential.of(KEY).header("crit", List.of("exp")).sign(),
        TestCredential.of(KEY).header("jwk", OTHER.jwk()).sign(),
        TestCredential.of(KEY).claim("iss", "https://elsewhere.example").sign(),
        TestCredential.of(KEY).claim("iss", TestCredential.ISSUER + "/").sign(),
        TestCredential.of(KEY).claim("exp", 1L).sign(),
        TestCredential.of(KEY).claim("iat", 1L).sign(),
        TestCredential.of(KEY).without("iat").sign(),
        TestCredential.of(KEY).without("sub").sign(),
        TestCredential.of(KEY).claim("exp", "soon").sign(),
        TestCredential.of(KEY).claim("aud", "https://wrong.example").sign(),
        TestCredential.of(KEY).claim("secret", "x".repeat(20_000)).sign());
  }

  @ParameterizedTest
  @MethodSource("credentials_of_every_ending")
  void shows_no_part_of_payload_or_signature(String compact) {
    List<String> evidence = Evaluation.of(compact, ISSUER).evidence();

    assertThat(TokenTraces.in(evidence, compact)).isEmpty();
  }

  @Test
  void shows_no_claim_that_no_check_is_about() {
    String compact =
        TestCredential.of(KEY)
            .claim("email", "someone.private@acme.example")
            .claim("aud", "https://wrong.example")
            .sign();

    assertThat(Evaluation.of(compact, ISSUER).evidence())
        .noneMatch(text -> text.contains("someone.private"));
  }
}
