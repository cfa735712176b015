package dev.tokenbroker.judge.credential;

import static dev.tokenbroker.base.refusal.RefusalReason.ALGORITHM_NOT_ALLOWED;
import static dev.tokenbroker.base.refusal.RefusalReason.AUDIENCE_MISMATCH;
import static dev.tokenbroker.base.refusal.RefusalReason.CREDENTIAL_EXPIRED;
import static dev.tokenbroker.base.refusal.RefusalReason.CREDENTIAL_MALFORMED;
import static dev.tokenbroker.base.refusal.RefusalReason.CREDENTIAL_NOT_SUPPORTED;
import static dev.tokenbroker.base.refusal.RefusalReason.CREDENTIAL_NOT_YET_VALID;
import static dev.tokenbroker.base.refusal.RefusalReason.CREDENTIAL_TOO_LARGE;
import static dev.tokenbroker.base.refusal.RefusalReason.ISSUER_DISABLED;
import static dev.tokenbroker.base.refusal.RefusalReason.ISSUER_NEAR_MISS;
import static dev.tokenbroker.base.refusal.RefusalReason.ISSUER_UNKNOWN;
import static dev.tokenbroker.base.refusal.RefusalReason.KEY_UNKNOWN;
import static dev.tokenbroker.base.refusal.RefusalReason.SIGNATURE_INVALID;
import static dev.tokenbroker.base.refusal.Step.ALGORITHM;
import static dev.tokenbroker.base.refusal.Step.FORMAT;
import static dev.tokenbroker.base.refusal.Step.KEY;
import static dev.tokenbroker.base.refusal.Step.SIGNATURE;
import static dev.tokenbroker.base.refusal.Step.TIME;
import static dev.tokenbroker.judge.credential.TestCredential.AUDIENCE;
import static dev.tokenbroker.judge.credential.TestCredential.ISSUER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.nimbusds.jose.crypto.impl.ECDSA;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SignatureProviders;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.judge.issuer.FixedKeys;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeyReview;
import dev.tokenbroker.judge.issuer.RelayedKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
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

  private static final TrustedIssuer ACME = issuer(TestKeys.of(ES256));

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

    Evaluation evaluation = by(provider, key, key);

    VerifiedIdentity identity = evaluation.identity();
    assertThat(identity.issuer().name()).isEqualTo("acme");
    assertThat(identity.subject()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(identity.expireTime()).isEqualTo(TestClock.START.plusSeconds(540));
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

    Evaluation evaluation = by(provider, generate(algorithm), trusted);

    assertThat(forged(evaluation).seen()).isEqualTo("alg " + algorithm.jwaName() + ", kid k-1");
  }

  private static Evaluation by(SignatureProvider provider, TestKey signer, TestKey trusted) {
    return Evaluation.by(
        provider,
        TestCredential.of(signer).sign(),
        TrustedIssuers.of(List.of(issuer(TestKeys.of(trusted)))));
  }

  @Test
  void accepts_the_three_token_types_of_a_jwt_and_no_other() {
    JwtVerifier verifier = TestVerifiers.of(new TestClock());

    assertThat(List.of("jwt", "id_token", "access_token"))
        .allMatch(type -> verifier.accepts("urn:ietf:params:oauth:token-type:" + type));
    assertThat(List.of("saml2", "refresh_token", "JWT", ""))
        .noneMatch(type -> verifier.accepts("urn:ietf:params:oauth:token-type:" + type));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1023, 65537, Integer.MAX_VALUE})
  void refuses_to_start_with_a_size_limit_out_of_bounds(int bytes) {
    CredentialSettings sized =
        Settings.of(
            CredentialSettings.class, Map.of("token-broker.credential.max-size", "" + bytes));
    assertThatThrownBy(() -> new JwtVerifier(new TestClock(), SignatureProvider.jdk(), sized))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "token-broker.credential.max-size is "
                + bytes
                + ". Set it to 1024 at least and 65536 at most.");
  }

  @Test
  void accepts_a_credential_of_less_than_16_kib() {
    assertThat(Evaluation.of(good().claim("a", "x".repeat(8000)).sign(), ACME).accepted()).isTrue();
  }

  static Stream<Arguments> faults() {
    Instant now = TestClock.START;
    String huge = "x".repeat(8000);
    return Stream.of(
        argumentSet(
            "beyond 16 KiB",
            good().claim("a", huge).claim("b", huge),
            CREDENTIAL_TOO_LARGE,
            FORMAT),
        argumentSet(
            "crit and an unencoded payload, though signed",
            good().header("crit", List.of("b64")).header("b64", false),
            CREDENTIAL_NOT_SUPPORTED,
            FORMAT),
        argumentSet(
            "expired now, less the leeway",
            good().claim("exp", now.minusSeconds(60).getEpochSecond()),
            CREDENTIAL_EXPIRED,
            TIME),
        argumentSet(
            "begins beyond the leeway",
            good().claim("nbf", now.plusSeconds(61).getEpochSecond()),
            CREDENTIAL_NOT_YET_VALID,
            TIME));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void refuses_a_good_credential_with_one_fault(
      TestCredential credential, RefusalReason reason, Step step) {
    refuse(credential, reason, step);
  }

  @Test
  void refuses_duplicate_members_though_they_are_signed() {
    String twice = "{\"sub\":\"admin\"," + good().payloadJson().substring(1);

    Refusal refusal =
        Evaluation.of(TestCredential.sign(good().headerJson(), twice, ES256), ACME)
            .refused(CREDENTIAL_MALFORMED, FORMAT);

    assertThat(refusal.seen()).isEqualTo("the member sub twice");
  }

  @Test
  void refuses_an_issuer_that_is_not_trusted() {
    Refusal refusal =
        refuse(good().claim("iss", "https://elsewhere.example"), ISSUER_UNKNOWN, Step.ISSUER);

    assertThat(refusal.expected()).isEqualTo("one of " + ISSUER);
    assertThat(refusal.seen()).isEqualTo("https://elsewhere.example");
  }

  @Test
  void names_a_few_of_many_trusted_issuers() {
    TrustedIssuer[] many =
        IntStream.range(0, 1000)
            .mapToObj(
                at -> TestIssuers.of("i" + at, "https://i" + at + ".example", TestKeys.of(ES256)))
            .toArray(TrustedIssuer[]::new);

    Refusal refusal = Evaluation.of(good().sign(), many).refused(ISSUER_UNKNOWN, Step.ISSUER);

    assertThat(refusal.expected())
        .isEqualTo(
            "one of 1000 issuers, the nearest first: https://i0.example, https://i1.example,"
                + " https://i2.example, https://i3.example");
  }

  @Test
  void asks_for_the_state_of_the_keys_once() {
    TestKeys keys = TestKeys.counted(ES256);

    assertThat(Evaluation.of(good().sign(), issuer(keys)).accepted()).isTrue();
    assertThat(keys.asked()).isEqualTo(1);
  }

  @Test
  void tells_of_the_steps_that_passed_what_was_found() {
    Trail trail = Evaluation.of(good().sign(), ACME).trail();

    assertThat(trail.findings())
        .filteredOn(finding -> finding.result() == Trail.Result.PASSED)
        .extracting(Trail.Finding::step, Trail.Finding::seen)
        .contains(
            tuple(ALGORITHM, "ES256"),
            tuple(TIME, "exp " + TestClock.START.plusSeconds(540)),
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
    Refusal refusal = refuse(good().claim("iss", iss), ISSUER_NEAR_MISS, Step.ISSUER);

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
            ACME.algorithms(),
            ACME.leeway(),
            null,
            true,
            false,
            ACME.keys(),
            false,
            false);

    Evaluation evaluation = Evaluation.of(good().sign(), disabled);

    evaluation.refused(ISSUER_DISABLED, Step.ISSUER);
    assertThat(evaluation.trail().issuer()).isEqualTo("acme");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "hs256", "es256", "ES256K",
        "RS1", "dir", "", " ES256"
      })
  void refuses_an_algorithm_that_nobody_may_use(String algorithm) {
    refuse(good().header("alg", algorithm), ALGORITHM_NOT_ALLOWED, ALGORITHM);
  }

  @Test
  void refuses_an_algorithm_that_this_issuer_may_not_use() {
    TrustedIssuer rsaOnly =
        new TrustedIssuer(
            "acme",
            ISSUER,
            Set.of(AUDIENCE),
            EnumSet.of(SigningAlgorithm.RS512, SigningAlgorithm.RS256),
            ACME.leeway(),
            null,
            false,
            false,
            ACME.keys(),
            false,
            false);

    Refusal refusal =
        Evaluation.of(good().sign(), rsaOnly).refused(ALGORITHM_NOT_ALLOWED, ALGORITHM);

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
        .refused(ALGORITHM_NOT_ALLOWED, ALGORITHM);
  }

  @Test
  void refuses_an_unfit_algorithm_and_names_the_fitting_one() {
    TrustedIssuer rsa = issuer(TestKeys.of(RS256));
    String elliptic = good().header("kid", "rs-1").sign();
    String longer = TestCredential.of(RS256).header("alg", "RS512").sign();

    assertThat(forged(Evaluation.of(elliptic, rsa)).hints())
        .containsExactly("The key is for RS256, not for ES256.");
    assertThat(forged(Evaluation.of(longer, rsa)).hints())
        .containsExactly("The key is for RS256, not for RS512.");
  }

  @Test
  void never_trusts_a_key_that_the_credential_brings() {
    TestCredential forged =
        TestCredential.of(OTHER)
            .header("jwk", OTHER.jwk())
            .header("jku", "https://evil.example/jwks")
            .header("x5u", "https://evil.example/cert");

    Evaluation evaluation = Evaluation.of(forged.sign(), ACME);

    evaluation.refused(SIGNATURE_INVALID, SIGNATURE);
    assertThat(evaluation.trail().notes())
        .containsExactly(
            "The header has jku, which is never trusted and was not used.",
            "The header has jwk, which is never trusted and was not used.",
            "The header has x5u, which is never trusted and was not used.");
  }

  @Test
  void refuses_a_kid_that_no_issuer_has() {
    Refusal refusal = refuse(good().header("kid", "gone"), KEY_UNKNOWN, KEY);

    assertThat(refusal.hints()).isEmpty();
  }

  @Test
  void says_which_other_issuer_has_a_key_of_that_name() {
    TrustedIssuer other = TestIssuers.of("other", "https://other.example", TestKeys.of(RS256));

    Refusal refusal =
        Evaluation.of(good().header("kid", "rs-1").sign(), ACME, other).refused(KEY_UNKNOWN, KEY);

    assertThat(refusal.hints())
        .singleElement()
        .asString()
        .startsWith("The issuer other has a key of that name");
  }

  @Test
  void an_unknown_key_of_an_expired_credential_may_be_retired() {
    Refusal refusal =
        refuse(
            good()
                .header("kid", "gone")
                .claim("exp", TestClock.START.minusSeconds(3600).getEpochSecond()),
            KEY_UNKNOWN,
            KEY);

    assertThat(refusal.hints()).singleElement().asString().contains("passed 3600 s ago");
  }

  @Test
  void does_not_call_a_key_retired_that_is_still_published() {
    VerificationKey good = VerificationKey.of(ES256.jwk()).orElseThrow();
    KeySetSource keys =
        FixedKeys.of(new KeySetDocument(List.of(good), Map.of("weak", "its use is enc")));
    TestCredential expired =
        good()
            .header("kid", "weak")
            .claim("exp", TestClock.START.minusSeconds(3600).getEpochSecond());

    Refusal refusal = Evaluation.of(expired.sign(), issuer(keys)).refused(KEY_UNKNOWN, KEY);

    assertThat(refusal.seen()).contains("is published, and cannot be used");
    assertThat(refusal.hints()).isEmpty();
  }

  @Test
  void accepts_a_credential_by_a_key_replaced_under_the_same_kid() {
    ReplacedKeys keys = new ReplacedKeys(OTHER, ES256);

    Evaluation evaluation = Evaluation.of(good().sign(), issuer(keys));

    assertThat(evaluation.accepted()).isTrue();
    assertThat(evaluation.trail().notes()).containsExactly("The key was replaced.");
    assertThat(keys.reviews()).isEqualTo(1);
  }

  @Test
  void reports_a_replaced_key_if_the_new_one_does_not_fit_either() {
    TestKey third = TestKey.generate("es-1", SigningAlgorithm.ES256);

    assertThat(forged(Evaluation.of(good().sign(), issuer(new ReplacedKeys(OTHER, third)))).hints())
        .containsExactly(
            "The token was changed on its way, or another key signed it.", "The key was replaced.");
  }

  @Test
  void fetches_no_key_for_a_malformed_signature_or_without_kid() {
    ReplacedKeys keys = new ReplacedKeys(OTHER, ES256);

    forged(Evaluation.of(good().sign().replaceFirst("[^.]*$", "AAAA"), issuer(keys)));
    forged(Evaluation.of(good().withoutHeader("kid").sign(), issuer(keys)));

    assertThat(keys.reviews()).isZero();
  }

  /** Has one key until a signature fails under it, then another of the same name. */
  private static final class ReplacedKeys implements RelayedKeys {

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

    @Override
    public KeySetSource source() {
      return reviews == 0 ? before : after;
    }

    @Override
    public KeyReview review(String kid, List<VerificationKey> used, Deadline deadline) {
      reviews++;
      return new KeyReview(true, List.of("The key was replaced."));
    }
  }

  @Test
  void tries_every_key_where_the_credential_names_none() {
    TestCredential credential = good().withoutHeader("kid");

    Evaluation evaluation =
        Evaluation.of(credential.sign(), issuer(TestKeys.of(RS256, OTHER, ES256)));

    assertThat(evaluation.accepted()).isTrue();
  }

  @Test
  void tries_no_more_than_16_keys_of_all_or_of_one_name() {
    String unnamed = good().withoutHeader("kid").sign();
    TrustedIssuer many = issuer(withOthersBefore(16));

    assertThat(Evaluation.of(unnamed, issuer(withOthersBefore(15))).accepted()).isTrue();
    assertThat(forged(Evaluation.of(unnamed, many)).hints())
        .containsExactly("It names no kid and none of the first 16 keys fits.");
    assertThat(forged(Evaluation.of(good().sign(), many)).hints())
        .containsExactly("It names a kid of many keys and none of the first 16 keys fits.");
  }

  @ParameterizedTest
  @CsvSource({"Connection refused, Connection refused", ", it is time to fetch them anew"})
  void notes_that_a_key_is_stale_and_uses_it(@Nullable String failure, String note) {
    Evaluation evaluation = Evaluation.of(good().sign(), issuer(TestKeys.stale(failure, ES256)));

    assertThat(evaluation.accepted()).isTrue();
    assertThat(evaluation.trail().notes()).containsExactly("The keys of acme are stale: " + note);
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
                good().claim("iss", iss).sign(),
                TestIssuers.of("acme", declared, TestKeys.of(ES256)))
            .refused(ISSUER_NEAR_MISS, Step.ISSUER);

    assertThat(refusal.hints())
        .containsExactly(
            "The iss of the credential " + difference + "; the issuer declared is not so.");
  }

  @Test
  void refuses_an_ecdsa_signature_in_der_and_says_so() throws Exception {
    String compact = good().sign();
    int dot = compact.lastIndexOf('.') + 1;
    byte[] der =
        ECDSA.transcodeSignatureToDER(Base64.getUrlDecoder().decode(compact.substring(dot)));

    String inDer = compact.substring(0, dot) + TestCredential.encode(der);

    assertThat(forged(Evaluation.of(inDer, ACME)).hints())
        .singleElement()
        .asString()
        .contains("seems to be in DER");
  }

  @Test
  void refuses_claims_that_were_changed_after_signing() {
    String compact = good().sign();
    String changed = good().claim("sub", "admin").sign();

    forged(
        Evaluation.of(
            changed.substring(0, changed.lastIndexOf('.'))
                + compact.substring(compact.lastIndexOf('.')),
            ACME));
  }

  @Test
  void hides_time_and_audience_from_a_forger_without_a_signature() {
    TestCredential late = TestCredential.of(OTHER).claim("exp", 1L);

    forged(Evaluation.of(late.claim("aud", "https://wrong.example").sign(), ACME));
  }

  @Test
  void uses_an_identity_within_the_leeway_until_the_leeway_ends() {
    Instant expired = TestClock.START.minusSeconds(10);
    VerifiedIdentity identity =
        Evaluation.of(good().claim("exp", expired.getEpochSecond()).sign(), ACME).identity();

    assertThat(identity.effectiveEnd(TestClock.START)).isEqualTo(expired.plusSeconds(60));
    assertThat(identity.effectiveEnd(expired)).isEqualTo(expired.plusSeconds(60));
    assertThat(identity.effectiveEnd(expired.minusNanos(1))).isEqualTo(expired);
  }

  @Test
  void accepts_any_element_of_aud() {
    TestCredential credential = good().claim("aud", List.of("https://other.example", AUDIENCE));

    assertThat(Evaluation.of(credential.sign(), ACME).accepted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://broker.example/, has a trailing slash",
    "https://Broker.example, differs in upper and lower case",
    "broker.example, has no scheme",
    "https://other.example https://broker.example, several audiences in one string",
  })
  void names_how_an_audience_is_nearly_right(String audience, String difference) {
    Refusal refusal = refuse(good().claim("aud", audience), AUDIENCE_MISMATCH, Step.AUDIENCE);

    assertThat(refusal.expected()).isEqualTo(AUDIENCE);
    assertThat(refusal.seen()).isEqualTo(audience);
    assertThat(refusal.hints()).singleElement().asString().contains(difference);
  }

  @Test
  void says_that_a_list_of_audiences_was_compared() {
    Refusal refusal =
        refuse(good().claim("aud", List.of("a", "b")), AUDIENCE_MISMATCH, Step.AUDIENCE);

    assertThat(refusal.seen()).isEqualTo("a, b");
    assertThat(refusal.hints())
        .containsExactly("aud is a list: each of its 2 values was compared.");
  }

  @Test
  void shows_nothing_of_a_credential_in_text() {
    PresentedCredential credential = new PresentedCredential("urn:x", "secret");

    assertThat(credential.toString()).isEqualTo("PresentedCredential[tokenType=urn:x]");
    assertThat(VerifiedIdentities.of(ACME, Map.of("secret", "value")).toString())
        .doesNotContain("value");
  }

  private static TestCredential good() {
    return TestCredential.of(ES256);
  }

  private static Refusal refuse(TestCredential credential, RefusalReason reason, Step step) {
    return Evaluation.of(credential.sign(), ACME).refused(reason, step);
  }

  private static Refusal forged(Evaluation evaluation) {
    return evaluation.refused(SIGNATURE_INVALID, SIGNATURE);
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
    return TestIssuers.of("acme", ISSUER, keys);
  }
}
