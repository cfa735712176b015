package dev.tokenbroker.issue.signing;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.JwtMinter.MintedAssertion;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MintedAssertionTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.750Z");
  private static final long NOW_SECONDS = NOW.getEpochSecond();
  private static final String AUDIENCE = "api://AzureADTokenExchange";

  private final TestClock clock = new TestClock(NOW);
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final SigningKeys keys = keys(settings);
  private final JwtMinter minter = new JwtMinter(keys, settings, clock);

  @TempDir Path directory;

  @Test
  void a_published_key_verifies_it() throws Exception {
    MintedAssertion assertion = minted(minter, Map.of(), null);

    SignedJWT jwt = SignedJWT.parse(assertion.value());
    JWKSet published = JWKSet.parse(new String(keys.published().jwks(), StandardCharsets.UTF_8));
    ECKey key = published.getKeyByKeyId(assertion.keyId()).toECKey();
    assertThat(jwt.verify(new ECDSAVerifier(key))).isTrue();
    assertThat(jwt.getHeader().toJSONObject())
        .isEqualTo(Map.of("alg", "ES256", "typ", "JWT", "kid", assertion.keyId()));
  }

  @Test
  void says_who_vouches_for_whom_at_which_upstream_and_no_more() throws Exception {
    MintedAssertion assertion = minted(minter, Map.of(), null);

    assertThat(claims(assertion))
        .isEqualTo(
            Map.of(
                "iss",
                TestTokenSettings.ISSUER,
                "sub",
                "repo:acme",
                "aud",
                AUDIENCE,
                "iat",
                NOW_SECONDS,
                "exp",
                NOW_SECONDS + 60,
                "jti",
                assertion.id()));
    assertThat(assertion.id())
        .matches("[A-Za-z0-9_-]{22}")
        .isNotEqualTo(minted(minter, Map.of(), null).id());
    assertThat(assertion.issuer()).isEqualTo(TestTokenSettings.ISSUER);
    assertThat(assertion.toString()).doesNotContain(assertion.value()).contains(assertion.id());
  }

  /** AWS reads the session tags of a role in this one claim. */
  @Test
  void has_the_claims_of_the_rule_by_any_name() throws Exception {
    Map<String, Object> tags =
        Map.of(
            "principal_tags",
            Map.of("team", List.of("payments"), "repository_id", List.of("42")),
            "transitive_tag_keys",
            List.of("team"));

    MintedAssertion assertion =
        minted(minter, Map.of("https://aws.amazon.com/tags", tags, "level", 3L), null);

    assertThat(claims(assertion))
        .containsEntry("https://aws.amazon.com/tags", tags)
        .containsEntry("level", 3L)
        .hasSize(8);
  }

  @Test
  void lets_no_rule_change_what_it_says_of_itself() throws Exception {
    Map<String, Object> forged = Map.of("iss", "https://evil.example", "exp", 9_999_999_999L);

    assertThat(claims(minted(minter, forged, null)))
        .containsEntry("iss", TestTokenSettings.ISSUER)
        .containsEntry("exp", NOW_SECONDS + 60);
  }

  @Test
  void ends_with_the_credential_at_the_latest() throws Exception {
    assertThat(claims(minted(minter, Map.of(), NOW.plusMillis(20_600))))
        .containsEntry("exp", NOW_SECONDS + 21);
    assertThat(claims(minted(minter, Map.of(), NOW.plusSeconds(3600))))
        .containsEntry("exp", NOW_SECONDS + 60);
  }

  @Test
  void ends_before_its_key_is_no_longer_published() throws Exception {
    TestTokenSettings brief =
        settings.withTimes(
            settings.rotationPeriod(),
            settings.publishBefore(),
            settings.jwksMaxAge(),
            Duration.ofSeconds(30));
    JwtMinter other = new JwtMinter(keys(brief), brief, clock);

    assertThat(claims(minted(other, Map.of(), null))).containsEntry("exp", NOW_SECONDS + 30);
  }

  @Test
  void there_is_none_once_the_credential_has_ended() {
    assertRefused(minter, NOW, RefusalReason.CREDENTIAL_EXPIRED);
  }

  @Test
  void there_is_none_while_no_key_is_there() {
    TestTokenSettings broken = settings.withFiles(directory.resolve("absent.pem"));
    JwtMinter keyless = new JwtMinter(keys(broken), broken, clock);

    assertRefused(keyless, null, RefusalReason.SIGNING_KEY_UNAVAILABLE);
  }

  @Test
  void nothing_stands_in_the_way_of_a_good_one() {
    assertThat(
            minter.obstacle(ExchangeGrants.minted(presentation(), Map.of(), null), presentation()))
        .isEmpty();
  }

  @Test
  void needs_an_issuer() {
    assertThatThrownBy(() -> new JwtMinter(keys, settings.withoutIssuer(), clock))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token-broker.token.issuer");
  }

  @Test
  void lives_for_one_minute_to_five() {
    assertThat(new Presentation.Minted("a", Duration.ofMinutes(5)).lifetime()).hasMinutes(5);
    for (Duration lifetime : List.of(Duration.ofSeconds(59), Duration.ofSeconds(301))) {
      assertThatThrownBy(() -> new Presentation.Minted("a", lifetime))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private SigningKeys keys(TestTokenSettings by) {
    return new SigningKeys(by, SignatureProvider.jdk(), clock, ChangeListener.NONE);
  }

  private static Presentation.Minted presentation() {
    return new Presentation.Minted(AUDIENCE, Duration.ofMinutes(1));
  }

  private static MintedAssertion minted(
      JwtMinter minter, Map<String, Object> claims, @Nullable Instant notAfter) {
    Presentation.Minted presentation = presentation();
    return accepted(
        minter.mint(ExchangeGrants.minted(presentation, claims, notAfter), presentation));
  }

  private static void assertRefused(
      JwtMinter minter, @Nullable Instant notAfter, RefusalReason reason) {
    Presentation.Minted presentation = presentation();
    var grant = ExchangeGrants.minted(presentation, Map.of(), notAfter);
    assertThat(reason(minter.mint(grant, presentation))).isEqualTo(reason);
    assertThat(minter.obstacle(grant, presentation)).map(Refusal::reason).contains(reason);
  }

  private static Map<String, Object> claims(MintedAssertion assertion) throws Exception {
    return JSONObjectUtils.parse(SignedJWT.parse(assertion.value()).getPayload().toString());
  }
}
