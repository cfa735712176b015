package dev.tokenbroker.issue.signing;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokenbroker.base.jose.SignatureProviders#each")
class JwtMinterTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.750Z");
  private static final long NOW_SECONDS = NOW.getEpochSecond();

  private final TestClock clock = new TestClock(NOW);
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final SignatureProvider provider;
  private final SigningKeys keys;
  private final JwtMinter minter;

  @TempDir Path directory;

  JwtMinterTest(SignatureProvider provider) {
    this.provider = provider;
    this.keys = new SigningKeys(settings, provider, clock, ChangeListener.NONE);
    this.minter = new JwtMinter(keys, settings, clock);
  }

  @ParameterizedTest
  @EnumSource(
      value = SigningAlgorithm.class,
      names = {"ES256", "EDDSA", "RS256"})
  void signs_so_that_others_verify_with_the_published_keys(SigningAlgorithm algorithm)
      throws Exception {
    TestTokenSettings other = settings.withAlgorithm(algorithm);
    SigningKeys otherKeys = new SigningKeys(other, provider, clock, ChangeListener.NONE);
    IssuedToken token = minted(new JwtMinter(otherKeys, other, clock), grant(null));
    SignedJWT jwt = SignedJWT.parse(token.value());
    JWKSet published =
        JWKSet.parse(new String(otherKeys.published().jwks(), StandardCharsets.UTF_8));
    JWK key = published.getKeyByKeyId(jwt.getHeader().getKeyID());
    assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo(algorithm.jwaName());
    assertThat(key.getAlgorithm().getName()).isEqualTo(algorithm.jwaName());
    assertThat(key.computeThumbprint().toString()).isEqualTo(key.getKeyID());
    assertThat(verifies(jwt, key)).isTrue();
  }

  @Test
  void names_keys_by_the_thumbprint_of_rfc_7638() throws Exception {
    JWK example =
        JWK.parse(
            """
            {"kty":"RSA","e":"AQAB","alg":"RS256","kid":"2011-04-29",
             "n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}""");
    assertThat(SignatureScheme.thumbprint(example))
        .isEqualTo("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  }

  @Test
  void makes_the_header_that_rfc_9068_demands() throws Exception {
    JWSHeader header = SignedJWT.parse(minted(minter, grant(null)).value()).getHeader();
    assertThat(header.toJSONObject())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("alg", "ES256", "typ", "at+jwt", "kid", keys.signer(NOW).orElseThrow().kid()));
  }

  @Test
  void makes_the_claims_of_rfc_9068_and_adds_those_of_the_rule() throws Exception {
    Map<String, Object> extra =
        Map.of(
            "team",
            "payments",
            "level",
            3L,
            "on_call",
            true,
            "path",
            List.of("a", Map.of("b", "c")));
    Grant grant =
        Grants.of(
            "payments-api",
            "repo:acme/\"app\"",
            List.of("deploy", "read"),
            extra,
            Duration.ofMinutes(10),
            null);
    IssuedToken token = minted(minter, grant);
    Map<String, Object> claims = claims(token);
    assertThat(claims)
        .containsEntry("iss", TestTokenSettings.ISSUER)
        .containsEntry("sub", "repo:acme/\"app\"")
        .containsEntry("client_id", "repo:acme/\"app\"")
        .containsEntry("aud", "payments-api")
        .containsEntry("scope", "deploy read")
        .containsEntry("iat", NOW_SECONDS)
        .containsEntry("exp", NOW_SECONDS + 600)
        .containsEntry("jti", token.id())
        .containsAllEntriesOf(extra)
        .hasSize(12);
    assertThat(token.issueTime()).isEqualTo(Instant.ofEpochSecond(NOW_SECONDS));
    assertThat(token.expireTime()).isEqualTo(Instant.ofEpochSecond(NOW_SECONDS + 600));
    assertThat(token.scopes()).containsExactly("deploy", "read");
    assertThat(token.toString()).doesNotContain(token.value());
  }

  @Test
  void omits_scope_where_none_is_granted() throws Exception {
    assertThat(claims(minted(minter, grant(null)))).doesNotContainKey("scope").hasSize(7);
  }

  @Test
  void lets_no_rule_change_what_the_token_says_of_itself() throws Exception {
    Map<String, Object> forged = Map.of("iss", "https://evil.example", "exp", 9_999_999_999L);
    Grant grant = Grants.of("a", "s", List.of(), forged, Duration.ofMinutes(10), null);
    assertThat(claims(minted(minter, grant)))
        .containsEntry("iss", TestTokenSettings.ISSUER)
        .containsEntry("exp", NOW_SECONDS + 600);
  }

  @Test
  void ends_with_the_credential_rounded_down_to_the_second() {
    assertThat(minted(minter, grant(NOW.plusMillis(90_600))).expireTime())
        .isEqualTo(Instant.ofEpochSecond(NOW_SECONDS + 91));
    assertThat(minted(minter, grant(NOW.plus(Duration.ofDays(1)))).expireTime())
        .isEqualTo(Instant.ofEpochSecond(NOW_SECONDS + 600));
  }

  @Test
  void lives_a_second_at_least_and_the_greatest_lifetime_at_most() {
    assertThat(minted(minter, grant(NOW.plusMillis(1))).expireTime())
        .isEqualTo(Instant.ofEpochSecond(NOW_SECONDS + 1));
    Grant longer = Grants.of("a", "s", List.of(), Map.of(), Duration.ofDays(7), null);
    assertThat(minted(minter, longer).expireTime())
        .isEqualTo(Instant.ofEpochSecond(NOW_SECONDS + 3600));
    Grant shorter = Grants.of("a", "s", List.of(), Map.of(), Duration.ofMillis(200), null);
    assertThat(minted(minter, shorter).expireTime())
        .isEqualTo(Instant.ofEpochSecond(NOW_SECONDS + 1));
  }

  @Test
  void makes_no_token_once_the_credential_has_ended() {
    for (Instant end : List.of(NOW, NOW.minusSeconds(30))) {
      assertThat(reason(minter.mint(grant(end)))).isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);
    }
  }

  @Test
  void says_what_a_token_is_bound_to() throws Exception {
    IssuedToken toKey = minted(minter, Grants.bound("payments", "me", new Binding.Key("jkt")));
    assertThat(claims(toKey)).containsEntry("cnf", Map.of("jkt", "jkt"));
    assertThat(toKey.tokenType()).isEqualTo(TokenType.DPOP);

    IssuedToken toCertificate =
        minted(minter, Grants.bound("payments", "me", new Binding.Certificate("x5t")));
    assertThat(claims(toCertificate)).containsEntry("cnf", Map.of("x5t#S256", "x5t"));
    assertThat(toCertificate.tokenType()).isEqualTo(TokenType.BEARER);

    IssuedToken toNothing = minted(minter, Grants.bound("payments", "me", Binding.none()));
    assertThat(claims(toNothing)).doesNotContainKey("cnf");
    assertThat(toNothing.tokenType()).isEqualTo(TokenType.BEARER);
  }

  @Test
  void gives_each_token_an_id_of_128_bits() {
    Set<String> ids = new HashSet<>();
    for (int count = 0; count < 200; count++) {
      ids.add(minted(minter, grant(null)).id());
    }
    assertThat(ids).hasSize(200).allSatisfy(id -> assertThat(id).matches("[A-Za-z0-9_-]{22}"));
  }

  @Test
  void refuses_while_no_key_is_there() {
    TestTokenSettings broken = settings.withFiles(directory.resolve("absent.pem"));
    JwtMinter keyless =
        new JwtMinter(
            new SigningKeys(broken, SignatureProvider.automatic(), clock, ChangeListener.NONE),
            broken,
            clock);
    Refusal refusal = refused(keyless.mint(grant(null)), RefusalReason.SIGNING_KEY_UNAVAILABLE);
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void does_not_start_without_an_issuer() {
    assertThatThrownBy(() -> new JwtMinter(keys, settings.withoutIssuer(), clock))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token-broker.token.issuer");
  }

  private static Grant grant(@Nullable Instant notAfter) {
    return Grants.of(
        "payments-api", "repo:acme/app", List.of(), Map.of(), Duration.ofMinutes(10), notAfter);
  }

  private static IssuedToken minted(JwtMinter minter, Grant grant) {
    return accepted(minter.mint(grant));
  }

  private static Map<String, Object> claims(IssuedToken token) throws Exception {
    return JSONObjectUtils.parse(SignedJWT.parse(token.value()).getPayload().toString());
  }

  /** Nimbus would want Tink for Ed25519: Bouncy Castle stands in. */
  private static boolean verifies(SignedJWT jwt, JWK key) throws Exception {
    return switch (key) {
      case ECKey ec -> jwt.verify(new ECDSAVerifier(ec));
      case RSAKey rsa -> jwt.verify(new RSASSAVerifier(rsa));
      case OctetKeyPair ed -> {
        Ed25519Signer verifier = new Ed25519Signer();
        verifier.init(false, new Ed25519PublicKeyParameters(ed.getDecodedX(), 0));
        byte[] input = jwt.getSigningInput();
        verifier.update(input, 0, input.length);
        yield verifier.verifySignature(jwt.getSignature().decode());
      }
      default -> false;
    };
  }
}
