package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CiIssuerTest {

  private static final int PORT = 8444;
  private static final String ISSUER = "https://localhost:8444";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final CiIssuer issuer = new CiIssuer(InstantSource.fixed(NOW));

  @Test
  void signs_with_a_published_key() throws Exception {
    SignedJWT credential = credential();

    assertThat(isVerified(credential)).isTrue();
    assertThat(credential.getJWTClaimsSet().getIssuer()).isEqualTo(ISSUER);
    assertThat(credential.getJWTClaimsSet().getIssueTime()).isEqualTo(Date.from(NOW));
    assertThat(JSONObjectUtils.parse(issuer.discovery(PORT)))
        .containsEntry("issuer", ISSUER)
        .containsEntry("jwks_uri", ISSUER + CiIssuer.KEYS_PATH)
        .containsEntry("token_endpoint", ISSUER + CiIssuer.TOKEN_PATH);
  }

  @Test
  void signs_with_a_rotated_key_only_after_its_first_fetch() throws Exception {
    SignedJWT before = credential();

    issuer.behave(Fault.ROTATE_KEYS);
    assertThat(credential().getHeader().getKeyID()).isEqualTo(before.getHeader().getKeyID());
    assertThat(keys()).hasSize(2);

    assertThat(credential().getHeader().getKeyID()).isNotEqualTo(before.getHeader().getKeyID());
    assertThat(isVerified(credential())).isTrue();
    assertThat(isVerified(before)).isTrue();
  }

  @Test
  void publishes_three_keys_at_most() throws Exception {
    for (int rotation = 0; rotation < 5; rotation++) {
      issuer.behave(Fault.ROTATE_KEYS);
    }

    assertThat(keys()).hasSize(3);
  }

  @Test
  void signs_with_the_key_that_it_has_dropped() throws Exception {
    issuer.behave(Fault.DROP_KEYS);

    assertThat(keys())
        .singleElement()
        .extracting(JWK::getKeyID)
        .isNotEqualTo(credential().getHeader().getKeyID());
  }

  @Test
  void publishes_another_key_under_the_same_name() throws Exception {
    issuer.behave(Fault.SWAP_KEYS);

    assertThat(keys())
        .singleElement()
        .extracting(JWK::getKeyID)
        .isEqualTo(credential().getHeader().getKeyID());
    assertThat(isVerified(credential())).isFalse();
  }

  @Test
  void adds_a_slash_to_its_name_in_both_places() throws Exception {
    issuer.behave(Fault.ISSUER_SLASH);

    assertThat(credential().getJWTClaimsSet().getIssuer()).isEqualTo(ISSUER + "/");
    assertThat(JSONObjectUtils.parse(issuer.discovery(PORT))).containsEntry("issuer", ISSUER + "/");
  }

  @Test
  void writes_credentials_by_its_clock() throws Exception {
    issuer.behave(Fault.CLOCK_AHEAD);
    assertThat(issuer.now()).isEqualTo(NOW.plusSeconds(300));
    assertThat(credential().getJWTClaimsSet().getNotBeforeTime())
        .isEqualTo(Date.from(NOW.plusSeconds(300)));

    issuer.behave(Fault.CLOCK_BEHIND);
    assertThat(issuer.now()).isEqualTo(NOW.minusSeconds(300));
    assertThat(credential().getJWTClaimsSet().getExpirationTime())
        .isEqualTo(Date.from(NOW.minusSeconds(180)));
  }

  @Test
  void changes_the_claim_that_the_fault_names() throws Exception {
    issuer.behave(Fault.NEW_SUBJECT);
    assertThat(credential().getJWTClaimsSet().getSubject())
        .isEqualTo("repo:acme@1234/shop@5678:ref:refs/heads/main");

    issuer.behave(Fault.WRONG_AUDIENCE);
    assertThat(credential().getJWTClaimsSet().getAudience()).doesNotContain(DevCredential.AUDIENCE);
  }

  @ParameterizedTest
  @EnumSource
  void is_sound_again_after_each_fault(Fault fault) throws Exception {
    SignedJWT before = credential();
    issuer.behave(fault);
    issuer.behave(null);

    SignedJWT after = credential();
    assertThat(isVerified(after)).isTrue();
    assertThat(after.getJWTClaimsSet().getClaims().keySet())
        .isEqualTo(before.getJWTClaimsSet().getClaims().keySet());
    for (String claim : List.of("iss", "sub", "aud", "iat", "exp")) {
      assertThat(after.getJWTClaimsSet().getClaim(claim))
          .isEqualTo(before.getJWTClaimsSet().getClaim(claim));
    }
    assertThat(JSONObjectUtils.parse(issuer.discovery(PORT))).containsEntry("issuer", ISSUER);
    assertThat(issuer.fault()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void each_fault_has_a_button_a_name_and_two_sentences(Fault fault) {
    assertThat(Fault.named(fault.label())).contains(fault);
    assertThat(fault.label()).matches("[a-z]+(-[a-z]+)*");
    assertThat(fault.button()).matches("[A-Z][a-z ]+");
    assertThat(fault.meaning()).matches("[A-Z].{20,200}\\.");
    assertThat(fault.callers()).matches("[A-Z].{20,200}\\.");
    assertThat(fault.reason() == null || fault.change() != null).isTrue();
  }

  @Test
  void knows_no_other_fault() {
    assertThat(Fault.named("STORM")).isEmpty();
    assertThat(Fault.named("")).isEmpty();
  }

  private SignedJWT credential() throws Exception {
    return SignedJWT.parse(issuer.credential(PORT));
  }

  private List<JWK> keys() throws Exception {
    return JWKSet.parse(issuer.keySet()).getKeys();
  }

  private boolean isVerified(SignedJWT credential) throws Exception {
    @Nullable JWK key =
        JWKSet.parse(issuer.keySet()).getKeyByKeyId(credential.getHeader().getKeyID());
    return credential.verify(new ECDSAVerifier(Objects.requireNonNull(key).toECKey()));
  }
}
