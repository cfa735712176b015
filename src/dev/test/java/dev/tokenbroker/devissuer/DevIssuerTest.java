package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DevIssuerTest {

  private static final int PORT = 8080;
  private static final String ISSUER = "http://localhost:8080/dev-issuer";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final DevIssuer issuer = new DevIssuer(InstantSource.fixed(NOW));

  @Test
  void signs_a_sound_credential_with_the_published_key() throws Exception {
    SignedJWT credential = parsed(null);

    assertThat(credential.verify(publishedKey())).isTrue();
    assertThat(credential.getHeader().getKeyID()).isEqualTo(published().getKeyID());
    JWTClaimsSet claims = credential.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo(ISSUER);
    assertThat(claims.getAudience()).containsExactly("https://token-broker.localhost");
    assertThat(claims.getSubject()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(claims.getStringClaim("repository")).isEqualTo("acme/payments");
    assertThat(claims.getNotBeforeTime()).isEqualTo(Date.from(NOW));
    assertThat(claims.getExpirationTime()).isEqualTo(Date.from(NOW.plusSeconds(300)));
  }

  @Test
  void publishes_its_public_key_only_and_under_its_thumbprint() throws Exception {
    ECKey key = published();

    assertThat(key.isPrivate()).isFalse();
    assertThat(key.getKeyID()).isEqualTo(key.computeThumbprint().toString());
    assertThat(JSONObjectUtils.parse(issuer.discovery(PORT)))
        .containsEntry("issuer", ISSUER)
        .containsEntry("jwks_uri", ISSUER + "/jwks.json");
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "EXPIRED",
        "NOT_YET_VALID",
        "WRONG_AUDIENCE",
        "ISSUER_SLASH",
        "UNKNOWN_ISSUER",
        "WITHOUT_SUBJECT",
        "TOO_LARGE",
        "OTHER_BRANCH"
      })
  void signs_flawed_claims_as_well_as_sound_ones(Flaw flaw) throws Exception {
    assertThat(parsed(flaw).verify(publishedKey())).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"BAD_SIGNATURE", "UNKNOWN_KEY"})
  void signs_so_that_the_published_key_does_not_verify(Flaw flaw) throws Exception {
    assertThat(parsed(flaw).verify(publishedKey())).isFalse();
  }

  @Test
  void names_the_published_key_where_only_the_signature_is_bad() throws Exception {
    assertThat(parsed(Flaw.BAD_SIGNATURE).getHeader().getKeyID()).isEqualTo(published().getKeyID());
    assertThat(parsed(Flaw.UNKNOWN_KEY).getHeader().getKeyID())
        .isNotEqualTo(published().getKeyID());
  }

  @Test
  void moves_the_times_well_beyond_any_leeway() throws Exception {
    assertThat(parsed(Flaw.EXPIRED).getJWTClaimsSet().getExpirationTime())
        .isEqualTo(Date.from(NOW.minusSeconds(600)));
    assertThat(parsed(Flaw.NOT_YET_VALID).getJWTClaimsSet().getNotBeforeTime())
        .isEqualTo(Date.from(NOW.plusSeconds(600)));
  }

  @Test
  void spoils_the_claim_that_the_flaw_names() throws Exception {
    assertThat(parsed(Flaw.ISSUER_SLASH).getJWTClaimsSet().getIssuer()).isEqualTo(ISSUER + "/");
    assertThat(parsed(Flaw.UNKNOWN_ISSUER).getJWTClaimsSet().getIssuer()).isNotEqualTo(ISSUER);
    assertThat(parsed(Flaw.WRONG_AUDIENCE).getJWTClaimsSet().getAudience())
        .doesNotContain(DevCredential.AUDIENCE);
    assertThat(parsed(Flaw.WITHOUT_SUBJECT).getJWTClaimsSet().getSubject()).isNull();
    assertThat(parsed(Flaw.OTHER_BRANCH).getJWTClaimsSet().getStringClaim("ref"))
        .isNotEqualTo(DevCredential.REF);
    assertThat(made(Flaw.TOO_LARGE)).hasSizeGreaterThan(16 * 1024);
  }

  @Test
  void spoils_the_form_where_the_flaw_is_in_the_form() throws Exception {
    assertThat(made(Flaw.MALFORMED).split("\\.", -1)).hasSize(2);
    assertThat(header(Flaw.UNSIGNED)).contains("\"alg\":\"none\"");
    assertThat(header(Flaw.HMAC)).contains("\"alg\":\"HS256\"");
    assertThat(header(Flaw.CRITICAL_EXTENSION)).contains("\"crit\":[");
    assertThat(part(Flaw.DUPLICATE_CLAIM, 1)).containsPattern("\"aud\".*\"aud\"");
    assertThatThrownBy(() -> JSONObjectUtils.parse(part(Flaw.DUPLICATE_CLAIM, 1)))
        .isInstanceOf(ParseException.class);
  }

  @ParameterizedTest
  @EnumSource
  void finds_each_flaw_by_its_label_and_lists_it(Flaw flaw) {
    assertThat(Flaw.named(flaw.label())).contains(flaw);
    assertThat(Flaw.list()).contains("  " + flaw.label() + " ");
    assertThat(flaw.label()).matches("[a-z]+(-[a-z]+)*");
  }

  @Test
  void knows_no_other_flaw() {
    assertThat(Flaw.named("EXPIRED")).isEmpty();
    assertThat(Flaw.named("")).isEmpty();
    assertThat(new UnknownFlawException().getResponse().getStatus()).isEqualTo(400);
    assertThat(new UnknownFlawException().getResponse().getEntity().toString())
        .contains(Flaw.list());
  }

  private String made(@Nullable Flaw flaw) {
    return issuer.credential(PORT, DevCredential.sound().with(flaw));
  }

  private SignedJWT parsed(@Nullable Flaw flaw) throws ParseException {
    return SignedJWT.parse(made(flaw));
  }

  private String header(Flaw flaw) {
    return part(flaw, 0);
  }

  private String part(Flaw flaw, int at) {
    return new Base64URL(made(flaw).split("\\.", -1)[at]).decodeToString();
  }

  private ECKey published() throws ParseException {
    return JWKSet.parse(issuer.jwks()).getKeys().getFirst().toECKey();
  }

  private ECDSAVerifier publishedKey() throws Exception {
    return new ECDSAVerifier(published());
  }
}
