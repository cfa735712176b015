package dev.tokenbroker.credential;

import static dev.tokenbroker.credential.TestCredential.AUDIENCE;
import static dev.tokenbroker.credential.TestCredential.ISSUER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jose.crypto.impl.ECDSA;
import dev.tokenbroker.issuer.FixedKeys;
import dev.tokenbroker.issuer.KeyReview;
import dev.tokenbroker.issuer.KeySetDocument;
import dev.tokenbroker.issuer.KeySetSource;
import dev.tokenbroker.issuer.KeySetStatus;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.issuer.TrustedIssuers;
import dev.tokenbroker.jose.SignatureProvider;
import dev.tokenbroker.jose.SignatureProviders;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.jose.TestKey;
import dev.tokenbroker.jose.VerificationKey;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtVerifierTest {

  private static final TestKey ES256 = TestKey.generate("es-1", SigningAlgorithm.ES256);
  private static final TestKey OTHER = TestKey.generate("es-1", SigningAlgorithm.ES256);
  private static final TestKey RS256 = TestKey.generate("rs-1", SigningAlgorithm.RS256);

  /** Making RSA keys takes long: each algorithm's is made once. */
  private static final Map<SigningAlgorithm, TestKey> TRUSTED = new ConcurrentHashMap<>();

  static Stream<Arguments> eachAlgorithmByEachProvider() {
    return Arrays.stream(SigningAlgorithm.values())
        .flatMap(
            algorithm ->
                SignatureProviders.each().map(provider -> Arguments.of(algorithm, provider)));
  }

  @ParameterizedTest
  @MethodSource("eachAlgorithmByEachProvider")
  void accepts_a_credential_signed_with_each_algorithm(
      SigningAlgorithm algorithm, SignatureProvider provider) {
    TestKey key = TRUSTED.computeIfAbsent(algorithm, JwtVerifierTest::generate);

    Evaluation evaluation =
        Evaluation.by(
            provider,
            TestCredential.of(key).sign(),
            TrustedIssuers.of(List.of(issuer(TestKeys.of(key)))));

    VerifiedIdentity identity = evaluation.identity();
    assertThat(identity.issuer().name()).isEqualTo("acme");
    assertThat(identity.subject()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(identity.expireTime()).isEqualTo(TestClock.START.plusSeconds(540));
    assertThat(identity.issuerKey())
        .isEqualTo(VerificationKey.of(key.jwk()).orElseThrow().thumbprint())
        .isEqualTo(identity.withoutClaims().issuerKey());
    assertThat(identity.claims())
        .containsEntry("repository", "acme/payments")
        .containsEntry("run_number", 10L);
    assertThat(evaluation.trail().authentic()).isTrue();
    assertThat(evaluation.trail().issuer()).isEqualTo("acme");
    assertThat(evaluation.trail().failed()).isNull();
  }

  @ParameterizedTest
  @MethodSource("eachAlgorithmByEachProvider")
  void refuses_a_signature_of_another_key_with_each_algorithm(
      SigningAlgorithm algorithm, SignatureProvider provider) {
    TestKey trusted = TRUSTED.computeIfAbsent(algorithm, JwtVerifierTest::generate);
    TestKey stranger = generate(algorithm);

    Evaluation evaluation =
        Evaluation.by(
            provider,
            TestCredential.of(stranger).sign(),
            TrustedIssuers.of(List.of(issuer(TestKeys.of(trusted)))));

    Refusal refusal = evaluation.refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
    assertThat(refusal.seen()).isEqualTo("alg " + algorithm.jwaName() + ", kid k-1");
  }

  @Test
  void accepts_the_three_token_types_of_a_jwt_and_no_other() {
    JwtVerifier verifier = TestVerifiers.of(new TestClock());

    assertThat(List.of("jwt", "id_token", "access_token"))
        .allMatch(type -> verifier.accepts("urn:ietf:params:oauth:token-type:" + type));
    assertThat(List.of("saml2", "refresh_token", "JWT", ""))
        .noneMatch(type -> verifier.accepts("urn:ietf:params:oauth:token-type:" + type));
  }

  /** Settings of which one is of interest. */
  private record Sized(int maxSizeBytes) implements CredentialSettings {
    @Override
    public int maxUsed() {
      return 1;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1023, 65537, Integer.MAX_VALUE})
  void refuses_to_start_with_a_size_limit_out_of_bounds(int bytes) {
    assertThatThrownBy(
            () -> new JwtVerifier(new TestClock(), SignatureProvider.jdk(), new Sized(bytes)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "token-broker.credential.max-size is "
                + bytes
                + ". Set it to 1024 at least and 65536 at most.");
  }

  @Test
  void refuses_a_credential_beyond_16_kib() {
    String compact = TestCredential.of(ES256).claim("a", "x".repeat(8000)).sign();

    assertThat(Evaluation.of(compact, issuer(TestKeys.of(ES256))).accepted()).isTrue();
    refuse(
        TestCredential.of(ES256).claim("a", "x".repeat(8000)).claim("b", "y".repeat(8000)),
        RefusalReason.CREDENTIAL_TOO_LARGE,
        Step.FORMAT);
  }

  @Test
  void refuses_what_cannot_be_read() {
    Evaluation.of("not a credential", issuer(TestKeys.of(ES256)))
        .refused(RefusalReason.CREDENTIAL_MALFORMED, Step.FORMAT);
  }

  @Test
  void refuses_crit_and_unencoded_payloads_though_they_are_signed() {
    refuse(
        TestCredential.of(ES256).header("crit", List.of("b64")).header("b64", false),
        RefusalReason.CREDENTIAL_NOT_SUPPORTED,
        Step.FORMAT);
  }

  @Test
  void refuses_duplicate_members_though_they_are_signed() {
    TestCredential good = TestCredential.of(ES256);
    String twice = "{\"sub\":\"admin\"," + good.payloadJson().substring(1);

    Refusal refusal =
        Evaluation.of(
                TestCredential.sign(good.headerJson(), twice, ES256), issuer(TestKeys.of(ES256)))
            .refused(RefusalReason.CREDENTIAL_MALFORMED, Step.FORMAT);

    assertThat(refusal.seen()).isEqualTo("the member sub twice");
  }

  @Test
  void refuses_an_issuer_that_is_not_trusted() {
    Refusal refusal =
        refuse(
            TestCredential.of(ES256).claim("iss", "https://elsewhere.example"),
            RefusalReason.ISSUER_UNKNOWN,
            Step.ISSUER);

    assertThat(refusal.expected()).isEqualTo("one of " + ISSUER);
    assertThat(refusal.seen()).isEqualTo("https://elsewhere.example");
  }

  @Test
  void names_a_few_of_many_trusted_issuers() {
    TrustedIssuer[] many =
        IntStream.range(0, 1000)
            .mapToObj(at -> issuer("i" + at, "https://i" + at + ".example", TestKeys.of(ES256)))
            .toArray(TrustedIssuer[]::new);

    Refusal refusal =
        Evaluation.of(TestCredential.of(ES256).sign(), many)
            .refused(RefusalReason.ISSUER_UNKNOWN, Step.ISSUER);

    assertThat(refusal.expected())
        .isEqualTo(
            "one of 1000 issuers, the nearest first: https://i0.example, https://i1.example,"
                + " https://i2.example, https://i3.example");
  }

  @Test
  void asks_for_the_state_of_the_keys_once() {
    TestKeys keys = TestKeys.counted(ES256);

    assertThat(Evaluation.of(TestCredential.of(ES256).sign(), issuer(keys)).accepted()).isTrue();
    assertThat(keys.asked()).isEqualTo(1);
  }

  @Test
  void tells_of_the_steps_that_passed_what_was_found() {
    Trail trail =
        Evaluation.of(TestCredential.of(ES256).sign(), issuer(TestKeys.of(ES256))).trail();

    assertThat(trail.findings())
        .filteredOn(finding -> finding.result() == Trail.Result.PASSED)
        .extracting(Trail.Finding::step, Trail.Finding::seen)
        .contains(
            tuple(Step.ALGORITHM, "ES256"),
            tuple(Step.TIME, "exp " + TestClock.START.plusSeconds(540)),
            tuple(Step.AUDIENCE, AUDIENCE));
  }

  @ParameterizedTest
  @CsvSource({
    "https://issuer.example/, has a trailing slash",
    "https://ISSUER.example, differs in upper and lower case",
    "http://issuer.example, has the scheme http://",
    "https://issuer.example:443, names the port :443",
  })
  void names_how_an_issuer_is_nearly_right(String iss, String difference) {
    Refusal refusal =
        refuse(
            TestCredential.of(ES256).claim("iss", iss),
            RefusalReason.ISSUER_NEAR_MISS,
            Step.ISSUER);

    assertThat(refusal.expected()).isEqualTo(ISSUER);
    assertThat(refusal.seen()).isEqualTo(iss);
    assertThat(refusal.hints()).singleElement().asString().contains(difference);
  }

  @Test
  void refuses_an_issuer_that_is_disabled() {
    TrustedIssuer disabled =
        new TrustedIssuer(
            "acme",
            ISSUER,
            Set.of(AUDIENCE),
            EnumSet.allOf(SigningAlgorithm.class),
            Duration.ofSeconds(60),
            null,
            true,
            false,
            TestKeys.of(ES256));

    Evaluation evaluation = Evaluation.of(TestCredential.of(ES256).sign(), disabled);

    evaluation.refused(RefusalReason.ISSUER_DISABLED, Step.ISSUER);
    assertThat(evaluation.trail().issuer()).isEqualTo("acme");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "hs256", "es256", "ES256K",
        "RS1", "dir", "", " ES256"
      })
  void refuses_an_algorithm_that_nobody_may_use(String algorithm) {
    refuse(
        TestCredential.of(ES256).header("alg", algorithm),
        RefusalReason.ALGORITHM_NOT_ALLOWED,
        Step.ALGORITHM);
  }

  @Test
  void refuses_an_algorithm_that_this_issuer_may_not_use() {
    TrustedIssuer rsaOnly =
        issuer(TestKeys.of(ES256), EnumSet.of(SigningAlgorithm.RS512, SigningAlgorithm.RS256));

    Refusal refusal =
        Evaluation.of(TestCredential.of(ES256).sign(), rsaOnly)
            .refused(RefusalReason.ALGORITHM_NOT_ALLOWED, Step.ALGORITHM);

    assertThat(refusal.expected()).isEqualTo("RS256, RS512");
    assertThat(refusal.seen()).isEqualTo("ES256");
  }

  @Test
  void refuses_a_public_rsa_key_used_as_the_secret_of_an_hmac() throws Exception {
    TestCredential forged = TestCredential.of(RS256).header("alg", "HS256");
    String input =
        TestCredential.encode(forged.headerJson())
            + "."
            + TestCredential.encode(forged.payloadJson());
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] modulus = Base64.getUrlDecoder().decode(String.valueOf(RS256.jwk().get("n")));
    mac.init(new SecretKeySpec(modulus, "HmacSHA256"));
    byte[] tag = mac.doFinal(input.getBytes(StandardCharsets.US_ASCII));

    Evaluation.of(input + "." + TestCredential.encode(tag), issuer(TestKeys.of(RS256)))
        .refused(RefusalReason.ALGORITHM_NOT_ALLOWED, Step.ALGORITHM);
  }

  @Test
  void refuses_an_algorithm_that_does_not_fit_the_key() {
    String compact = TestCredential.of(ES256).header("alg", "ES256").header("kid", "rs-1").sign();

    Refusal refusal =
        Evaluation.of(compact, issuer(TestKeys.of(RS256)))
            .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);

    assertThat(refusal.hints()).containsExactly("The key is for RS256, not for ES256.");
  }

  @Test
  void names_the_algorithm_that_the_issuer_has_a_key_for() {
    String compact = TestCredential.of(RS256).header("alg", "RS512").sign();

    Refusal refusal =
        Evaluation.of(compact, issuer(TestKeys.of(RS256)))
            .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);

    assertThat(refusal.hints()).containsExactly("The key is for RS256, not for RS512.");
  }

  @Test
  void never_trusts_a_key_that_the_credential_brings() {
    TestCredential forged =
        TestCredential.of(OTHER)
            .header("jwk", OTHER.jwk())
            .header("jku", "https://evil.example/jwks")
            .header("x5u", "https://evil.example/cert");

    Evaluation evaluation = Evaluation.of(forged.sign(), issuer(TestKeys.of(ES256)));

    evaluation.refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
    assertThat(evaluation.trail().notes())
        .containsExactly(
            "The header has jku, which is never trusted and was not used.",
            "The header has jwk, which is never trusted and was not used.",
            "The header has x5u, which is never trusted and was not used.");
  }

  @Test
  void refuses_a_kid_that_no_issuer_has() {
    Refusal refusal =
        refuse(TestCredential.of(ES256).header("kid", "gone"), RefusalReason.KEY_UNKNOWN, Step.KEY);

    assertThat(refusal.hints()).isEmpty();
  }

  @Test
  void says_which_other_issuer_has_a_key_of_that_name() {
    TrustedIssuer other = issuer("other", "https://other.example", TestKeys.of(RS256));

    Refusal refusal =
        Evaluation.of(
                TestCredential.of(ES256).header("kid", "rs-1").sign(),
                issuer(TestKeys.of(ES256)),
                other)
            .refused(RefusalReason.KEY_UNKNOWN, Step.KEY);

    assertThat(refusal.hints())
        .singleElement()
        .asString()
        .startsWith("The issuer other has a key of that name");
  }

  @Test
  void says_that_an_unknown_key_may_have_been_retired_since_the_credential_expired() {
    Refusal refusal =
        refuse(
            TestCredential.of(ES256)
                .header("kid", "gone")
                .claim("exp", TestClock.START.minusSeconds(3600).getEpochSecond()),
            RefusalReason.KEY_UNKNOWN,
            Step.KEY);

    assertThat(refusal.hints()).singleElement().asString().contains("passed 3600 s ago");
  }

  @Test
  void says_of_no_key_that_it_may_have_been_retired_where_it_is_published_still() {
    VerificationKey good = VerificationKey.of(ES256.jwk()).orElseThrow();
    KeySetSource keys =
        FixedKeys.of(new KeySetDocument(List.of(good), Map.of("weak", "its use is enc")));
    TestCredential expired =
        TestCredential.of(ES256)
            .header("kid", "weak")
            .claim("exp", TestClock.START.minusSeconds(3600).getEpochSecond());

    Refusal refusal =
        Evaluation.of(expired.sign(), issuer(keys)).refused(RefusalReason.KEY_UNKNOWN, Step.KEY);

    assertThat(refusal.seen()).contains("is published, and cannot be used");
    assertThat(refusal.hints()).isEmpty();
  }

  @Test
  void accepts_a_credential_by_a_key_that_replaced_another_under_the_same_kid() {
    ReplacedKeys keys = new ReplacedKeys(OTHER, ES256);

    Evaluation evaluation = Evaluation.of(TestCredential.of(ES256).sign(), issuer(keys));

    assertThat(evaluation.accepted()).isTrue();
    assertThat(evaluation.trail().notes()).containsExactly("The key was replaced.");
    assertThat(keys.reviews()).isEqualTo(1);
  }

  @Test
  void says_that_a_key_was_replaced_under_the_same_kid_where_the_new_one_does_not_fit_either() {
    TestKey third = TestKey.generate("es-1", SigningAlgorithm.ES256);

    Refusal refusal =
        Evaluation.of(TestCredential.of(ES256).sign(), issuer(new ReplacedKeys(OTHER, third)))
            .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);

    assertThat(refusal.hints())
        .containsExactly(
            "The token was changed on its way, or another key signed it.", "The key was replaced.");
  }

  @Test
  void looks_for_no_other_key_where_the_signature_has_the_wrong_form_or_the_credential_no_kid() {
    ReplacedKeys keys = new ReplacedKeys(OTHER, ES256);
    String good = TestCredential.of(ES256).sign();

    Evaluation.of(good.substring(0, good.lastIndexOf('.') + 1) + "AAAA", issuer(keys))
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
    Evaluation.of(TestCredential.of(ES256).withoutHeader("kid").sign(), issuer(keys))
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);

    assertThat(keys.reviews()).isZero();
  }

  /** Has one key until a signature fails under it, then another of the same name. */
  private static final class ReplacedKeys implements KeySetSource {

    private final KeySetSource before;
    private final KeySetSource after;
    private int reviews;

    ReplacedKeys(TestKey before, TestKey after) {
      this.before = TestKeys.of(before);
      this.after = TestKeys.of(after);
    }

    int reviews() {
      return reviews;
    }

    private KeySetSource now() {
      return reviews == 0 ? before : after;
    }

    @Override
    public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
      return now().keys(kid, deadline);
    }

    @Override
    public boolean publishes(String kid) {
      return now().publishes(kid);
    }

    @Override
    public KeyReview review(String kid, List<VerificationKey> used, Deadline deadline) {
      reviews++;
      return new KeyReview(true, List.of("The key was replaced."));
    }

    @Override
    public KeySetStatus status() {
      return now().status();
    }
  }

  @Test
  void tries_every_key_where_the_credential_names_none() {
    TestCredential credential = TestCredential.of(ES256).withoutHeader("kid");

    Evaluation evaluation =
        Evaluation.of(credential.sign(), issuer(TestKeys.of(RS256, OTHER, ES256)));

    assertThat(evaluation.accepted()).isTrue();
  }

  @Test
  void tries_no_more_than_16_keys() {
    String compact = TestCredential.of(ES256).withoutHeader("kid").sign();

    assertThat(Evaluation.of(compact, issuer(withOthersBefore(15))).accepted()).isTrue();
    assertThat(
            Evaluation.of(compact, issuer(withOthersBefore(16)))
                .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE)
                .hints())
        .containsExactly("It names no kid and none of the first 16 keys fits.");
  }

  @Test
  void tries_no_more_than_16_keys_of_one_name() {
    assertThat(
            Evaluation.of(TestCredential.of(ES256).sign(), issuer(withOthersBefore(16)))
                .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE)
                .hints())
        .containsExactly("It names a kid of many keys and none of the first 16 keys fits.");
  }

  @Test
  void notes_that_a_key_is_stale_and_uses_it() {
    Evaluation evaluation =
        Evaluation.of(
            TestCredential.of(ES256).sign(), issuer(TestKeys.stale("Connection refused", ES256)));

    assertThat(evaluation.accepted()).isTrue();
    assertThat(evaluation.trail().notes())
        .containsExactly("The keys of acme are stale: Connection refused");
  }

  @Test
  void notes_that_a_key_is_stale_before_any_fetch_of_new_ones_has_ended() {
    Evaluation evaluation =
        Evaluation.of(TestCredential.of(ES256).sign(), issuer(TestKeys.stale(null, ES256)));

    assertThat(evaluation.trail().notes())
        .containsExactly("The keys of acme are stale: it is time to fetch them anew");
  }

  @ParameterizedTest
  @CsvSource({
    "https://issuer.example/, https://issuer.example//, has 2 trailing slashes",
    "https://issuer.example//, https://issuer.example/, has one trailing slash only",
    "https://issuer.example//, https://issuer.example, has no trailing slash",
    "https://issuer.example, https://issuer.example//, has 2 trailing slashes",
  })
  void counts_the_trailing_slashes_of_an_issuer(String declared, String iss, String difference) {
    Refusal refusal =
        Evaluation.of(
                TestCredential.of(ES256).claim("iss", iss).sign(),
                issuer("acme", declared, TestKeys.of(ES256)))
            .refused(RefusalReason.ISSUER_NEAR_MISS, Step.ISSUER);

    assertThat(refusal.hints())
        .containsExactly(
            "The iss of the credential " + difference + "; the issuer declared is not so.");
  }

  @Test
  void refuses_an_ecdsa_signature_in_der_and_says_so() throws Exception {
    String compact = TestCredential.of(ES256).sign();
    int dot = compact.lastIndexOf('.') + 1;
    byte[] der =
        ECDSA.transcodeSignatureToDER(Base64.getUrlDecoder().decode(compact.substring(dot)));

    Refusal refusal =
        Evaluation.of(
                compact.substring(0, dot) + TestCredential.encode(der), issuer(TestKeys.of(ES256)))
            .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);

    assertThat(refusal.hints()).singleElement().asString().contains("seems to be in DER");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 32, 63, 64, 65, 96, 128, 256})
  void refuses_signatures_of_zeros_of_any_length(int length) {
    String compact = TestCredential.of(ES256).sign();
    String zeros = TestCredential.encode(new byte[length]);

    Evaluation.of(
            compact.substring(0, compact.lastIndexOf('.') + 1) + zeros, issuer(TestKeys.of(ES256)))
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
  }

  @Test
  void refuses_claims_that_were_changed_after_signing() {
    String compact = TestCredential.of(ES256).sign();
    String changed = TestCredential.of(ES256).claim("sub", "admin").sign();

    Evaluation.of(
            changed.substring(0, changed.lastIndexOf('.'))
                + compact.substring(compact.lastIndexOf('.')),
            issuer(TestKeys.of(ES256)))
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
  }

  @Test
  void refuses_a_credential_that_expires_now_less_leeway() {
    refuse(
        TestCredential.of(ES256).claim("exp", TestClock.START.minusSeconds(60).getEpochSecond()),
        RefusalReason.CREDENTIAL_EXPIRED,
        Step.TIME);
  }

  @Test
  void refuses_a_credential_that_begins_beyond_the_leeway() {
    refuse(
        TestCredential.of(ES256).claim("nbf", TestClock.START.plusSeconds(61).getEpochSecond()),
        RefusalReason.CREDENTIAL_NOT_YET_VALID,
        Step.TIME);
  }

  @Test
  void tells_a_forger_nothing_of_time_and_audience_before_the_signature_holds() {
    String forged =
        TestCredential.of(OTHER).claim("exp", 1L).claim("aud", "https://wrong.example").sign();

    Evaluation.of(forged, issuer(TestKeys.of(ES256)))
        .refused(RefusalReason.SIGNATURE_INVALID, Step.SIGNATURE);
  }

  @Test
  void uses_an_identity_within_the_leeway_until_the_leeway_ends() {
    Instant expired = TestClock.START.minusSeconds(10);
    VerifiedIdentity identity =
        Evaluation.of(
                TestCredential.of(ES256).claim("exp", expired.getEpochSecond()).sign(),
                issuer(TestKeys.of(ES256)))
            .identity();

    assertThat(identity.effectiveEnd(TestClock.START)).isEqualTo(expired.plusSeconds(60));
    assertThat(identity.effectiveEnd(expired)).isEqualTo(expired.plusSeconds(60));
    assertThat(identity.effectiveEnd(expired.minusNanos(1))).isEqualTo(expired);
  }

  @Test
  void accepts_any_element_of_aud() {
    TestCredential credential =
        TestCredential.of(ES256).claim("aud", List.of("https://other.example", AUDIENCE));

    assertThat(Evaluation.of(credential.sign(), issuer(TestKeys.of(ES256))).accepted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://broker.example/, has a trailing slash",
    "https://Broker.example, differs in upper and lower case",
    "broker.example, has no scheme",
    "https://other.example https://broker.example, several audiences in one string",
  })
  void names_how_an_audience_is_nearly_right(String audience, String difference) {
    Refusal refusal =
        refuse(
            TestCredential.of(ES256).claim("aud", audience),
            RefusalReason.AUDIENCE_MISMATCH,
            Step.AUDIENCE);

    assertThat(refusal.expected()).isEqualTo(AUDIENCE);
    assertThat(refusal.seen()).isEqualTo(audience);
    assertThat(refusal.hints()).singleElement().asString().contains(difference);
  }

  @Test
  void says_that_a_list_of_audiences_was_compared() {
    Refusal refusal =
        refuse(
            TestCredential.of(ES256).claim("aud", List.of("a", "b")),
            RefusalReason.AUDIENCE_MISMATCH,
            Step.AUDIENCE);

    assertThat(refusal.seen()).isEqualTo("a, b");
    assertThat(refusal.hints())
        .containsExactly("aud is a list: each of its 2 values was compared.");
  }

  @Test
  void shows_nothing_of_a_credential_in_text() {
    PresentedCredential credential = new PresentedCredential("urn:x", "secret");

    assertThat(credential.toString()).isEqualTo("PresentedCredential[tokenType=urn:x]");
    assertThat(
            VerifiedIdentities.of(issuer(TestKeys.of(ES256)), Map.of("secret", "value")).toString())
        .doesNotContain("value");
  }

  private static Refusal refuse(TestCredential credential, RefusalReason reason, Step step) {
    return Evaluation.of(credential.sign(), issuer(TestKeys.of(ES256))).refused(reason, step);
  }

  private static TestKey generate(SigningAlgorithm algorithm) {
    return TestKey.generate("k-1", algorithm);
  }

  private static KeySetSource withOthersBefore(int count) {
    TestKey[] keys = new TestKey[count + 1];
    IntStream.range(0, count).forEach(at -> keys[at] = OTHER);
    keys[count] = ES256;
    return TestKeys.of(keys);
  }

  private static TrustedIssuer issuer(KeySetSource keys) {
    return issuer("acme", ISSUER, keys);
  }

  private static TrustedIssuer issuer(String name, String issuer, KeySetSource keys) {
    return issuer(name, issuer, keys, EnumSet.allOf(SigningAlgorithm.class));
  }

  private static TrustedIssuer issuer(KeySetSource keys, Set<SigningAlgorithm> algorithms) {
    return issuer("acme", ISSUER, keys, algorithms);
  }

  private static TrustedIssuer issuer(
      String name, String issuer, KeySetSource keys, Set<SigningAlgorithm> algorithms) {
    return new TrustedIssuer(
        name,
        issuer,
        Set.of(AUDIENCE),
        algorithms,
        Duration.ofSeconds(60),
        null,
        false,
        false,
        keys);
  }
}
