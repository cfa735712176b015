package dev.tokenbroker.judge.possession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.RuledGrants;
import dev.tokenbroker.process.runtime.TestClock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may present a token that is bound (RFC 9449 section 7.1, RFC 8705 section 3). */
class ConfirmationTest {

  /** RFC 9449 section 7.1: a token, and the ath of the proof that is sent with it. */
  private static final String TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

  private static final String ATH = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

  private static final Map<String, Object> FREE = Map.of("sub", "anybody");
  private static final Map<String, Object> TO_KEY = Map.of("cnf", Map.of("jkt", "key"));
  private static final Map<String, Object> TO_CERTIFICATE =
      Map.of("cnf", Map.of("x5t#S256", "certificate"));
  private static final Map<String, Object> TO_BOTH =
      Map.of("cnf", Map.of("jkt", "key", "x5t#S256", "certificate"));

  private static final ProvedKeys NOTHING = ProvedKeys.NONE;
  private static final TokenType BEARER = TokenType.BEARER;
  private static final TokenType DPOP = TokenType.DPOP;

  private static final RefusalReason UNKNOWN = RefusalReason.CALLER_UNAUTHENTICATED;
  private static final RefusalReason NOT_FOR_IT = RefusalReason.DPOP_PROOF_INVALID;

  static Stream<Arguments> presentations() {
    return Stream.of(
        argumentSet("a free one", FREE, BEARER, keys(null, null, null), null),
        argumentSet("a free one as DPoP", FREE, DPOP, keys(null, "key", ATH), UNKNOWN),
        argumentSet("one of a key", TO_KEY, DPOP, keys(null, "key", ATH), null),
        argumentSet("one of a key as Bearer", TO_KEY, BEARER, keys(null, null, null), UNKNOWN),
        argumentSet(
            "one of a key as Bearer with a proof", TO_KEY, BEARER, keys(null, "key", ATH), UNKNOWN),
        argumentSet("one of a key without a proof", TO_KEY, DPOP, keys(null, null, null), UNKNOWN),
        argumentSet("one of another key", TO_KEY, DPOP, keys(null, "another", ATH), UNKNOWN),
        argumentSet("a proof for no token", TO_KEY, DPOP, keys(null, "key", null), NOT_FOR_IT),
        argumentSet(
            "a proof for another token", TO_KEY, DPOP, keys(null, "key", ATH + "x"), NOT_FOR_IT),
        argumentSet(
            "of another key for no token", TO_KEY, DPOP, keys(null, "another", null), UNKNOWN),
        argumentSet("for no token as Bearer", TO_KEY, BEARER, keys(null, "key", null), UNKNOWN),
        argumentSet(
            "one of a certificate", TO_CERTIFICATE, BEARER, keys("certificate", null, null), null),
        argumentSet(
            "one of another certificate",
            TO_CERTIFICATE,
            BEARER,
            keys("other", null, null),
            UNKNOWN),
        argumentSet(
            "a certificate that is missing",
            TO_CERTIFICATE,
            BEARER,
            keys(null, null, null),
            UNKNOWN),
        argumentSet("one of both", TO_BOTH, DPOP, keys("certificate", "key", ATH), null),
        argumentSet("one of both with one", TO_BOTH, DPOP, keys(null, "key", ATH), UNKNOWN),
        argumentSet(
            "one of both for no token",
            TO_BOTH,
            DPOP,
            keys("certificate", "key", null),
            NOT_FOR_IT),
        argumentSet(
            "one of both with one for no token", TO_BOTH, DPOP, keys(null, "key", null), UNKNOWN),
        argumentSet(
            "one of something else",
            Map.of("cnf", Map.of("kid", "key")),
            BEARER,
            keys("certificate", null, null),
            UNKNOWN),
        argumentSet(
            "a cnf of nothing", Map.of("cnf", Map.of()), BEARER, keys(null, null, null), UNKNOWN),
        argumentSet(
            "a cnf that is none",
            Map.of("cnf", List.of()),
            BEARER,
            keys(null, null, null),
            UNKNOWN));
  }

  @ParameterizedTest
  @MethodSource("presentations")
  void decides(
      Map<String, Object> claims,
      TokenType scheme,
      ProvedKeys keys,
      @Nullable RefusalReason unmet) {
    Optional<Refusal> found = Confirmation.unmetBy(claims, scheme, TOKEN, keys);

    assertThat(found.map(Refusal::reason)).isEqualTo(Optional.ofNullable(unmet));
  }

  @Test
  void says_what_is_missing_to_who_holds_the_key() {
    Refusal none = unmet(keys(null, "key", null));
    Refusal another = unmet(keys(null, "key", ATH + "x"));

    assertThat(none.expected()).isEqualTo("the ath of this token");
    assertThat(none.seen()).isEqualTo("none");
    assertThat(another.seen()).isEqualTo("that of another");
  }

  private static Refusal unmet(ProvedKeys keys) {
    return Confirmation.unmetBy(TO_KEY, DPOP, TOKEN, keys).orElseThrow();
  }

  static Stream<Arguments> credentials() {
    Map<String, Object> more = Map.of("cnf", Map.of("jkt", "key", "kid", "key"));
    return Stream.of(
        argumentSet("a free one", FREE, keys(null, null, null), true),
        argumentSet("a free one with keys", FREE, keys("certificate", "key", null), true),
        argumentSet("one of a key", TO_KEY, keys(null, "key", null), true),
        argumentSet("one of a key without a proof", TO_KEY, keys("certificate", null, null), false),
        argumentSet("one of another key", TO_KEY, keys(null, "another", null), false),
        argumentSet("a key by a certificate", TO_KEY, keys("key", null, null), false),
        argumentSet("one of a certificate", TO_CERTIFICATE, keys("certificate", null, null), true),
        argumentSet("one of another certificate", TO_CERTIFICATE, keys("other", null, null), false),
        argumentSet("one of both", TO_BOTH, keys("certificate", "key", null), true),
        argumentSet("one of both with one", TO_BOTH, keys(null, "key", null), false),
        argumentSet("one of something more", more, keys(null, "key", null), false),
        argumentSet("a cnf of nothing", Map.of("cnf", Map.of()), keys(null, null, null), false),
        argumentSet("a cnf that is none", Map.of("cnf", "key"), keys(null, "key", null), false),
        argumentSet("a jkt that is none", Map.of("cnf", Map.of("jkt", 1L)), NOTHING, false));
  }

  @ParameterizedTest
  @MethodSource("credentials")
  void exchanges_a_credential_only_if_all_its_bindings_are_proved(
      Map<String, Object> claims, ProvedKeys keys, boolean isProved) {
    assertThat(Confirmation.isProved(claims, keys)).isEqualTo(isProved);
  }

  @Test
  void lets_who_has_proved_the_key_go_on_and_leaves_no_trace() {
    Trail trail = new Trail();
    VerifiedIdentity identity = VerifiedIdentities.of(RuledGrants.ISSUER, TO_KEY);

    assertThat(Confirmation.require(identity, keys(null, "key", null), trail))
        .isEqualTo(Outcome.accepted(identity));
    assertThat(trail.findings()).allMatch(finding -> finding.result() == Result.SKIPPED);
  }

  @Test
  void refuses_who_has_not_proved_the_key_and_says_what_was_shown() {
    Trail trail = new Trail();
    VerifiedIdentity identity = VerifiedIdentities.of(RuledGrants.ISSUER, TO_KEY);

    Refusal another =
        Outcomes.refused(
            Confirmation.require(identity, keys("certificate", "another", null), trail));
    Refusal none = Outcomes.refused(Confirmation.require(identity, NOTHING, new Trail()));

    assertThat(another.reason()).isEqualTo(RefusalReason.CREDENTIAL_KEY_NOT_PROVED);
    assertThat(another.seen()).contains("certificate", "another");
    assertThat(trail.failed()).isEqualTo(Step.BINDING);
    assertThat(none.seen()).isEqualTo("none");
  }

  @Test
  void reads_a_scheme_without_regard_to_case() {
    assertThat(TokenType.ofScheme("dpop")).contains(TokenType.DPOP);
    assertThat(TokenType.ofScheme("BEARER")).contains(TokenType.BEARER);
    assertThat(TokenType.ofScheme("Basic")).isEmpty();
  }

  private static ProvedKeys keys(
      @Nullable String certificate, @Nullable String thumbprint, @Nullable String ath) {
    return new ProvedKeys(
        certificate,
        thumbprint == null
            ? null
            : new DpopProof(thumbprint, ath, "jti", TestClock.START, TestClock.START));
  }
}
