package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeRulesTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration UNCERTAINTY = Duration.ofMillis(510);
  private static final TestKey KEY = TestKey.generate("es-1", SigningAlgorithm.ES256);

  /** Times are seconds from now; "-" stands for none. Leeway and age are in seconds. */
  @ParameterizedTest(name = "exp {0}, nbf {1}, iat {2}, leeway {3}, max age {4}: {5}")
  @CsvSource({
    "  60,     -,      -, 60,   -, good",
    "   0,     -,      -, 60,   -, good",
    " -59.999, -,      -, 60,   -, good",
    " -60,     -,      -, 60,   -, CREDENTIAL_EXPIRED",
    " -60.001, -,      -, 60,   -, CREDENTIAL_EXPIRED",
    "   0.001, -,      -,  0,   -, good",
    "   0,     -,      -,  0,   -, CREDENTIAL_EXPIRED",
    "  60,    60,      -, 60,   -, good",
    "  60,    60.001,  -, 60,   -, CREDENTIAL_NOT_YET_VALID",
    "  60,     0,      -,  0,   -, good",
    "  60,     0.001,  -,  0,   -, CREDENTIAL_NOT_YET_VALID",
    "  60,     -,     60, 60,   -, good",
    "  60,     -,     60.001, 60, -, CREDENTIAL_NOT_YET_VALID",
    "  60,   -60,     61, 60,   -, CREDENTIAL_NOT_YET_VALID",
    "  60,     -,   -360, 60, 300, good",
    "  60,     -,   -360.001, 60, 300, CREDENTIAL_TOO_OLD",
    "  60,     -,   -300,  0, 300, good",
    "  60,     -,   -300.001,  0, 300, CREDENTIAL_TOO_OLD",
    "  60,     -,      -, 60, 300, CLAIM_MISSING",
    "  60,     -, -99999, 60,   -, good",
    " -60,    61,     61, 60,   1, CREDENTIAL_EXPIRED",
    "  60,    61,      -, 60, 300, CREDENTIAL_NOT_YET_VALID",
  })
  void judges_each_side_of_each_boundary(
      String exp, String nbf, String iat, long leeway, String maxAge, String ending) {
    RegisteredClaims claims = claims(at(exp), at(nbf), at(iat));
    Duration age = maxAge.equals("-") ? null : Duration.ofSeconds(Long.parseLong(maxAge));
    TrustedIssuer issuer = issuer(Duration.ofSeconds(leeway), age, TestKeys.of(KEY));

    Optional<Refusal> refusal = new TimeRules(issuer, NOW).judge(claims);

    assertThat(refusal.map(Refusal::reason).map(RefusalReason::name).orElse("good"))
        .isEqualTo(ending);
  }

  @Test
  void names_the_time_since_expiry_the_leeway_and_an_unknown_clock() {
    Refusal refusal = expiredBy(Duration.ofMillis(93_200), null);

    assertThat(refusal.seen()).isEqualTo("exp 2026-11-24T11:58:26.800Z, 93.2 s ago");
    assertThat(refusal.expected())
        .isEqualTo("now (2026-11-24T12:00:00Z) before exp plus a leeway of 60 s");
    assertThat(refusal.hints()).containsExactly("The issuer's clock is not measured yet.");
  }

  @Test
  void says_that_clocks_explain_the_refusal_where_they_do() {
    Refusal refusal = aheadBy(Duration.ofSeconds(93), Duration.ofMillis(93_200));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.CREDENTIAL_NOT_YET_VALID);
    assertThat(refusal.seen()).isEqualTo("nbf 2026-11-24T12:01:33Z, 93 s ahead");
    assertThat(refusal.hints())
        .containsExactly(
            "The issuer's clock is 93.2 s ahead of this broker's, measured at its last key fetch.",
            "By the issuer's clock the credential would be good now: the clocks explain this"
                + " refusal. Set them right, or raise the leeway of acme.");
  }

  @Test
  void does_not_blame_the_clocks_where_they_do_not_explain_it() {
    assertThat(expiredBy(Duration.ofSeconds(3600), Duration.ofSeconds(-5)).hints())
        .containsExactly(
            "The issuer's clock is 5 s behind this broker's, measured at its last key fetch.");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -510})
  void calls_clocks_alike_that_no_measurement_tells_apart(long offsetMillis) {
    assertThat(aheadBy(Duration.ofSeconds(93), Duration.ofMillis(offsetMillis)).hints())
        .containsExactly(
            "The issuer's clock is that of this broker, measured at its last key fetch.");
  }

  @ParameterizedTest(name = "ahead by {0} ms by a clock {1} ms ahead")
  @CsvSource({"60001, 0, 1", "60001, 510, 1", "60001, 511, 2", "60200, 709, 1", "60200, 710, 2"})
  void does_not_blame_clocks_within_the_accuracy_of_measurement(
      long aheadMillis, long offsetMillis, int hints) {
    assertThat(aheadBy(Duration.ofMillis(aheadMillis), Duration.ofMillis(offsetMillis)).hints())
        .hasSize(hints);
  }

  @ParameterizedTest(name = "expired for {0} ms by a clock {1} ms behind")
  @CsvSource({"60000, 0, 1", "60000, 510, 1", "60000, 511, 2", "60200, 710, 1", "60200, 711, 2"})
  void nor_does_it_for_an_expiry(long expiredMillis, long behindMillis, int hints) {
    assertThat(
            expiredBy(Duration.ofMillis(expiredMillis), Duration.ofMillis(-behindMillis)).hints())
        .hasSize(hints);
  }

  @Test
  void explains_a_refusal_by_our_own_clock_that_was_set_back() {
    assertThat(
            aheadBy(
                    Duration.ofMinutes(50),
                    new ClockOffset(Duration.ofHours(1), UNCERTAINTY, Duration.ofHours(-1)))
                .hints())
        .containsExactly(
            "The issuer's clock is 3600 s ahead of this broker's, measured at its last key fetch.",
            "This broker's clock was set back by 3600 s since.",
            "By the issuer's clock the credential would be good now: the clocks explain this"
                + " refusal. Set them right, or raise the leeway of acme.");
  }

  @Test
  void does_not_guess_at_the_issuer_clock_if_our_own_has_gained() {
    ClockOffset offset = new ClockOffset(Duration.ZERO, UNCERTAINTY, Duration.ofHours(1));

    assertThat(judge(measured(offset), claims(NOW.minusSeconds(3000), null, null)).hints())
        .containsExactly(
            "This broker's clock has gained 3600 s on the time that passed since the issuer's clock"
                + " was measured. It was set, or the machine was suspended: compare it with another"
                + " clock.");
  }

  @Test
  void knows_that_the_clock_of_fixed_keys_is_never_measured() {
    TrustedIssuer issuer = issuer(Duration.ofSeconds(60), null, TestKeys.of(KEY));

    assertThat(judge(issuer, claims(NOW.minusSeconds(100), null, null)).hints())
        .containsExactly("The issuer's clock is never measured, since its keys are not fetched.");
  }

  private static Refusal expiredBy(Duration time, @Nullable Duration offset) {
    return judge(measured(steady(offset)), claims(NOW.minus(time), null, null));
  }

  private static Refusal aheadBy(Duration time, @Nullable Duration offset) {
    return judge(measured(steady(offset)), claims(NOW.plusSeconds(600), NOW.plus(time), null));
  }

  private static Refusal judge(TrustedIssuer issuer, RegisteredClaims claims) {
    return new TimeRules(issuer, NOW).judge(claims).orElseThrow();
  }

  private static Refusal aheadBy(Duration time, ClockOffset offset) {
    return judge(measured(offset), claims(NOW.plusSeconds(6000), NOW.plus(time), null));
  }

  private static @Nullable ClockOffset steady(@Nullable Duration offset) {
    return offset == null ? null : new ClockOffset(offset, UNCERTAINTY, Duration.ZERO);
  }

  private static TrustedIssuer measured(@Nullable ClockOffset clock) {
    return issuer(Duration.ofSeconds(60), null, TestKeys.withClockOffset(clock, KEY));
  }

  private static @Nullable Instant at(String seconds) {
    return seconds.equals("-")
        ? null
        : NOW.plus(Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000)));
  }

  private static RegisteredClaims claims(
      @Nullable Instant exp, @Nullable Instant nbf, @Nullable Instant iat) {
    return new RegisteredClaims(
        TestCredential.ISSUER,
        "somebody",
        List.of(TestCredential.AUDIENCE),
        exp == null ? NOW : exp,
        nbf,
        iat);
  }

  private static TrustedIssuer issuer(
      Duration leeway, @Nullable Duration maxTokenAge, KeySetSource keys) {
    return TestIssuers.of(
        "acme", TestCredential.ISSUER, TestCredential.AUDIENCE, leeway, maxTokenAge, false, keys);
  }
}
