package dev.tokenbroker.judge.possession;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.possession.PresentedKeys.PresentedProof;
import dev.tokenbroker.peers.store.ChosenStore;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9449 section 4.3, point by point: a good proof, one thing broken, one ending. */
@Tag("store")
class ProofVerifierTest {

  private static final String URI = "https://broker.example/token";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);
  private static final SignatureProvider PROVIDER = SignatureProvider.automatic();

  /** RFC 9449 section 4.1. */
  private static final String RFC_PROOF =
      "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjN"
          + "oUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10"
          + "NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRt"
          + "IjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyN"
          + "jE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37x"
          + "RZT3Lg";

  private static final String RFC_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  private static final Instant RFC_TIME = Instant.ofEpochSecond(1562262616);

  private final TestClock clock = new TestClock();
  private final ProofVerifier verifier = verifier(TestDpopSettings.defaults());

  @Test
  void takes_the_example_of_rfc_9449() {
    TestClock then = new TestClock(RFC_TIME);
    ProofVerifier of2019 = verifier(TestDpopSettings.defaults(), then, then);

    assertThat(
            accepted(
                    of2019.take(
                        posted("https://server.example.com/token", RFC_PROOF),
                        TestProof.somebody()))
                .key())
        .isEqualTo(new Binding.Key(RFC_THUMBPRINT));
  }

  @ParameterizedTest
  @EnumSource(SigningAlgorithm.class)
  void takes_each_algorithm_and_finds_the_rfc_7638_thumbprint(SigningAlgorithm algorithm) {
    TestKey key = TestKey.generate("holder", algorithm);

    assertThat(accepted(take(TestProof.of(key, "POST", URI, clock.instant()))).key())
        .isEqualTo(new Binding.Key(TestProof.thumbprint(key)));
  }

  record Broken(String what, RefusalReason reason, Consumer<TestProof> flaw) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Broken> broken() {
    RefusalReason invalid = RefusalReason.DPOP_PROOF_INVALID;
    RefusalReason misdirected = RefusalReason.DPOP_PROOF_MISDIRECTED;
    RefusalReason late = RefusalReason.DPOP_PROOF_OUT_OF_TIME;
    TestKey other = TestKey.generate("other", SigningAlgorithm.ES256);
    TestKey rsa = TestKey.generate("rsa", SigningAlgorithm.RS256);
    List<Broken> all = new ArrayList<>();
    for (String claim : List.of("jti", "htm", "htu", "iat")) {
      all.add(new Broken("no " + claim, invalid, proof -> proof.without(claim)));
      all.add(new Broken(claim + " of another type", invalid, p -> p.claim(claim, List.of("x"))));
    }
    for (String member : List.of("typ", "alg", "jwk")) {
      all.add(new Broken("no " + member, invalid, proof -> proof.without(member)));
    }
    for (String type : List.of("JWT", "at+jwt", "dpop", "DPOP+JWT")) {
      all.add(new Broken("typ " + type, invalid, proof -> proof.header("typ", type)));
    }
    for (String algorithm : List.of("none", "HS256", "es256", "ES384", "RS256", "ECDH-ES")) {
      all.add(new Broken("alg " + algorithm, invalid, p -> p.header("alg", algorithm)));
    }
    for (String member : List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k")) {
      all.add(
          new Broken(
              "a jwk with " + member,
              invalid,
              proof -> {
                Map<String, Object> jwk = KEY.jwk();
                jwk.put(member, "AQAB");
                proof.header("jwk", jwk);
              }));
    }
    all.add(new Broken("the jwk of another", invalid, proof -> proof.header("jwk", other.jwk())));
    all.add(new Broken("an RSA jwk for ES256", invalid, p -> p.header("jwk", rsa.jwk())));
    all.add(
        new Broken(
            "a symmetric jwk", invalid, p -> p.header("jwk", Map.of("kty", "oct", "k", "AQAB"))));
    all.add(new Broken("a jwk that is text", invalid, p -> p.header("jwk", "a key")));
    all.add(new Broken("crit", invalid, proof -> proof.header("crit", List.of("exp"))));
    all.add(new Broken("b64", invalid, proof -> proof.header("b64", false)));
    all.add(new Broken("an empty jti", invalid, proof -> proof.claim("jti", "")));
    all.add(new Broken("a huge jti", invalid, proof -> proof.claim("jti", "j".repeat(513))));
    all.add(new Broken("a nonce that is none", invalid, proof -> proof.claim("nonce", 7)));
    all.add(new Broken("an ath that is none", invalid, proof -> proof.claim("ath", true)));
    all.add(new Broken("a huge claim", invalid, proof -> proof.claim("x", "x".repeat(8192))));
    all.add(new Broken("another method", misdirected, proof -> proof.claim("htm", "GET")));
    all.add(new Broken("a method in lower case", misdirected, p -> p.claim("htm", "post")));
    for (String uri :
        List.of(
            "http://broker.example/token",
            "https://broker.example/token/",
            "https://broker.example/Token",
            "https://broker.example:8443/token",
            "https://broker.example.evil.example/token",
            "https://broker.example@evil.example/token",
            "https://evil.example/?https://broker.example/token",
            "/token",
            "no URI")) {
      all.add(new Broken("htu " + uri, misdirected, proof -> proof.claim("htu", uri)));
    }
    Instant now = TestClock.START;
    all.add(new Broken("61 s old", late, p -> p.claim("iat", now.getEpochSecond() - 61)));
    all.add(new Broken("11 s ahead", late, p -> p.claim("iat", now.getEpochSecond() + 11)));
    all.add(new Broken("exp now", late, p -> p.claim("exp", now.getEpochSecond())));
    all.add(new Broken("nbf ahead", late, p -> p.claim("nbf", now.getEpochSecond() + 11)));
    all.add(new Broken("iat in milliseconds", invalid, p -> p.claim("iat", now.toEpochMilli())));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void refuses(Broken broken) {
    TestProof proof = good();
    broken.flaw().accept(proof);

    assertThat(reason(take(proof))).isEqualTo(broken.reason());
  }

  @Test
  void takes_a_proof_at_the_ends_of_its_time() {
    long now = clock.instant().getEpochSecond();

    accepted(take(good().claim("iat", now - 60)));
    accepted(take(good().claim("iat", now + 10)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTPS://BROKER.example/token",
        "https://broker.example:443/token",
        "https://broker.example:/token",
        "https://broker.example/%74oken",
        "https://broker.example/x/../token",
        "https://broker.example/./token",
        "https://broker.example/token?query=1",
        "https://broker.example/token#fragment",
      })
  void takes_another_spelling_of_the_same_uri(String uri) {
    accepted(take(good().claim("htu", uri)));
  }

  @Test
  void refuses_a_signature_that_was_changed() {
    String proof = good().signed();
    char last = proof.charAt(proof.length() - 10);
    String changed =
        proof.substring(0, proof.length() - 10)
            + (last == 'A' ? 'B' : 'A')
            + proof.substring(proof.length() - 9);

    assertThat(reason(verifier.take(posted(URI, changed), TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_PROOF_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a.b", "a.b.c", "a.b.c.d.e", "eyJ9.eyJ9.AA", "{}", " . . "})
  void refuses_what_is_no_jwt(String value) {
    assertThat(reason(verifier.take(posted(URI, value), TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_PROOF_INVALID);
  }

  @Test
  void refuses_more_than_one_header() {
    Refusal refusal =
        refused(
            verifier.take(posted(URI, good().signed(), good().signed()), TestProof.somebody()),
            RefusalReason.DPOP_PROOF_INVALID);
    assertThat(refusal.seen()).isEqualTo("2 of them");
  }

  @Test
  void shows_nothing_of_the_proof_but_what_was_asked_for() {
    String proof = good().claim("htm", "GET").signed();
    PresentedKeys keys = posted(URI, proof);

    assertThat(keys.toString() + refused(verifier.take(keys, TestProof.somebody())))
        .doesNotContain(proof.substring(0, 20));
  }

  @Test
  void takes_the_same_proof_once() {
    PresentedKeys keys = good().presented();

    accepted(verifier.take(keys, TestProof.somebody()));
    assertThat(reason(verifier.take(keys, TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_PROOF_REPLAYED);
  }

  @Test
  void takes_a_jti_once_whatever_else_the_proof_says() {
    accepted(take(good().claim("jti", "same")));
    assertThat(reason(take(good().claim("jti", "same").claim("more", 1))))
        .isEqualTo(RefusalReason.DPOP_PROOF_REPLAYED);
  }

  @Test
  void lets_nobody_use_up_the_jti_of_another_key() {
    TestKey other = TestKey.generate("other", SigningAlgorithm.ES256);
    accepted(take(TestProof.of(other, "POST", URI, clock.instant()).claim("jti", "same")));

    accepted(take(good().claim("jti", "same")));
  }

  @Test
  void does_not_remember_a_proof_that_it_refused() {
    refused(take(good().claim("jti", "same").claim("htm", "GET")));

    accepted(take(good().claim("jti", "same")));
  }

  @Test
  void checks_a_proof_without_taking_it() {
    PresentedKeys keys = good().presented();

    accepted(verifier.check(keys));
    accepted(verifier.take(keys, TestProof.somebody()));
    assertThat(reason(verifier.check(keys))).isEqualTo(RefusalReason.DPOP_PROOF_REPLAYED);
  }

  @Test
  void takes_no_proof_that_it_could_not_remember() {
    ProofVerifier small = verifier(TestDpopSettings.defaults().withMaxRemembered(2));
    for (int at = 0; at < 2; at++) {
      accepted(small.take(good().presented(), TestProof.somebody()));
    }

    Refusal refusal =
        refused(
            small.take(good().presented(), TestProof.somebody()), RefusalReason.DPOP_PROOFS_FULL);
    clock.advance(Objects.requireNonNull(refusal.retryAfter()));
    accepted(small.take(good().presented(), TestProof.somebody()));
    assertThat(small.remembered()).isEqualTo(1);
  }

  @Test
  void has_those_without_room_come_back_apart_once_there_is_some() {
    ProofVerifier small = verifier(TestDpopSettings.defaults().withMaxRemembered(1));
    accepted(small.take(good().presented(), TestProof.somebody()));
    clock.advance(Duration.ofSeconds(30));

    List<Duration> told =
        Stream.generate(
                () -> refused(small.take(good().presented(), TestProof.somebody())).retryAfter())
            .limit(50)
            .toList();

    assertThat(told)
        .allSatisfy(
            wait -> assertThat(wait).isBetween(Duration.ofSeconds(41), Duration.ofSeconds(46)));
    assertThat(Set.copyOf(told)).hasSizeGreaterThan(1);
  }

  @Test
  void checking_says_that_it_could_not_be_remembered() {
    ProofVerifier small = verifier(TestDpopSettings.defaults().withMaxRemembered(1));
    accepted(small.take(good().presented(), TestProof.somebody()));

    Refusal refusal = refused(small.check(good().presented()), RefusalReason.DPOP_PROOFS_FULL);
    assertThat(refusal.retryAfter()).isPositive();
    clock.advance(Duration.ofSeconds(72));
    accepted(small.check(good().presented()));
  }

  @Test
  void counts_no_proofs_that_are_too_old() {
    for (int at = 0; at < 100; at++) {
      accepted(take(good()));
    }
    assertThat(verifier.remembered()).isEqualTo(100);

    clock.advance(Duration.ofSeconds(72));

    assertThat(verifier.remembered()).isZero();
  }

  // --- clocks that are set

  @Test
  void is_not_deceived_by_a_clock_that_was_ahead_for_a_moment() {
    TestClock unset = new TestClock();
    ProofVerifier deceived = verifier(TestDpopSettings.defaults(), unset, clock);
    PresentedKeys first = good().presented();
    accepted(deceived.take(first, TestProof.somebody()));

    clock.advance(Duration.ofMinutes(2));
    accepted(deceived.take(good().presented(), TestProof.somebody()));
    clock.advance(Duration.ofSeconds(-110));

    assertThat(reason(deceived.take(first, TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_PROOF_REPLAYED);
    accepted(deceived.take(good().presented(), TestProof.somebody()));
    unset.advance(Duration.ofSeconds(72));
    assertThat(deceived.remembered()).as("all of them are over").isZero();
  }

  @Test
  void is_not_deceived_by_a_clock_that_is_set_back() {
    TestClock unset = new TestClock();
    ProofVerifier deceived = verifier(TestDpopSettings.defaults(), unset, clock);
    PresentedKeys first = good().presented();
    accepted(deceived.take(first, TestProof.somebody()));

    unset.advance(Duration.ofSeconds(72));
    clock.advance(Duration.ofSeconds(10));

    for (Outcome<ProvedKeys> outcome :
        List.of(deceived.check(first), deceived.take(first, TestProof.somebody()))) {
      assertThat(reason(outcome)).isEqualTo(RefusalReason.DPOP_PROOF_OUT_OF_TIME);
      assertThat(refused(outcome).hints()).isNotEmpty();
    }
    accepted(deceived.take(good().presented(), TestProof.somebody()));
  }

  @Test
  void takes_no_proof_that_became_too_old_while_it_was_checked() {
    ProofVerifier heldUp =
        verifier(
            TestDpopSettings.defaults(),
            clock,
            () -> {
              Instant now = clock.instant();
              clock.advance(Duration.ofSeconds(61));
              return now;
            });

    assertThat(reason(heldUp.take(good().presented(), TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_PROOF_OUT_OF_TIME);
  }

  @Test
  void demands_a_nonce_of_its_own_where_it_is_told_to() {
    TestDpopSettings settings = TestDpopSettings.defaults().withNonces();
    Nonces nonces = new Nonces(settings, clock);
    ProofVerifier demanding =
        new ProofVerifier(
            settings,
            nonces,
            PROVIDER,
            new UsedProofs(settings, ChosenStore.empty(), Clocks.system()),
            clock);

    assertThat(reason(demanding.take(good().presented(), TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_NONCE_REQUIRED);
    assertThat(
            reason(demanding.take(good().claim("nonce", "mine").presented(), TestProof.somebody())))
        .isEqualTo(RefusalReason.DPOP_NONCE_REQUIRED);
    accepted(
        demanding.take(good().claim("nonce", nonces.current()).presented(), TestProof.somebody()));
  }

  @Test
  void passes_over_a_nonce_where_none_was_given_out() {
    accepted(take(good().claim("nonce", "of another")));
  }

  @Test
  void proves_nothing_but_the_connection_where_no_proof_was_sent() {
    assertThat(verifier.take(PresentedKeys.NONE, TestProof.somebody()))
        .isEqualTo(Outcome.accepted(ProvedKeys.NONE));
    Outcome<ProvedKeys> certified =
        verifier.take(PresentedKeys.of("x5t", null), TestProof.somebody());
    assertThat(accepted(certified).certificate()).isEqualTo(new Binding.Certificate("x5t"));
  }

  private Outcome<ProvedKeys> take(TestProof proof) {
    return verifier.take(proof.presented(), TestProof.somebody());
  }

  private TestProof good() {
    return TestProof.of(KEY, "POST", URI, clock.instant());
  }

  private static PresentedKeys posted(String uri, String... proofs) {
    return PresentedKeys.of(null, new PresentedProof(List.of(proofs), "POST", List.of(uri)));
  }

  private ProofVerifier verifier(DpopSettings settings) {
    return verifier(settings, clock, clock);
  }

  /**
   * @param unset the clock of the replay window, which moves on when the wall clock is set
   */
  private static ProofVerifier verifier(
      DpopSettings settings, TestClock unset, InstantSource clock) {
    return new ProofVerifier(
        settings,
        new Nonces(settings, clock),
        PROVIDER,
        new UsedProofs(settings, ChosenStore.empty(), unset),
        clock);
  }
}
