package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.OwnKeys;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply.MintedType;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("store")
class MintedTokensTest {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  private final TestClock clock = new TestClock();
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final SigningKeys keys =
      new SigningKeys(settings, SignatureProvider.automatic(), clock, ChangeListener.NONE);
  private final Revocations revocations =
      new Revocations(TestRevocations.inMemory(), new OneReplica(), clock);
  private final MintedTokens tokens = tokens(keys);

  @TempDir Path directory;
  private ECKey ours;
  private MintedTokens byFile;

  @BeforeEach
  void writeKey() throws Exception {
    ours = new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
    Path file = Files.writeString(directory.resolve("key.json"), ours.toJSONString());
    byFile =
        tokens(
            new SigningKeys(
                settings.withFiles(file),
                SignatureProvider.automatic(),
                clock,
                ChangeListener.NONE));
  }

  @Test
  void tells_what_an_active_token_says() {
    MintedToken token = active(minted(keys, Map.of("team", "blue")));

    assertThat(token.issuer()).isEqualTo(TestTokenSettings.ISSUER);
    assertThat(token.subject()).isEqualTo("somebody");
    assertThat(token.clientId()).isEqualTo("somebody");
    assertThat(token.audiences()).containsExactly("payments-api");
    assertThat(token.scopes()).containsExactly("deploy", "read");
    assertThat(token.expireTime()).isEqualTo(token.issueTime().plus(Duration.ofMinutes(10)));
    assertThat(token.id()).hasSize(22);
    assertThat(token.confirmation()).isEmpty();
    assertThat(token.tokenType()).isEqualTo("Bearer");
  }

  @Test
  void is_over_at_the_very_second_of_its_exp() {
    String token = minted(keys, Map.of());
    clock.advance(Duration.ofMinutes(10).minusSeconds(1));
    assertThat(standing(token)).isInstanceOf(TokenStanding.Active.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(standing(token)).isInstanceOf(TokenStanding.UnknownStanding.class);
  }

  static List<Change> ahead() {
    return List.of(
        new Change("iat", claims -> claims.issueTime(at(6)), "at+jwt"),
        new Change("nbf", claims -> claims.notBeforeTime(at(6)), "at+jwt"));
  }

  @ParameterizedTest
  @MethodSource("ahead")
  void accepts_own_tokens_before_their_time_within_the_leeway_only(Change change) throws Exception {
    String token = signed(change.claims(), change.type());

    assertThat(byFile.standing(token, DEADLINE)).isInstanceOf(TokenStanding.NotYet.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(byFile.standing(token, DEADLINE)).isInstanceOf(TokenStanding.Active.class);
  }

  @Test
  void stays_revoked_where_it_was_revoked_before_its_time() throws Exception {
    String token = signed(claims -> claims.issueTime(at(30)), "at+jwt");
    assertThat(byFile.standing(token, DEADLINE))
        .isInstanceOfSatisfying(
            TokenStanding.NotYet.class,
            found ->
                assertThat(TestRevocations.revoke(revocations, found.token(), DEADLINE))
                    .isEqualTo(Outcome.accepted(Revocations.Revocation.REVOKED)));

    assertThat(byFile.standing(token, DEADLINE)).isInstanceOf(TokenStanding.RevokedStanding.class);
    clock.advance(Duration.ofSeconds(30));
    assertThat(byFile.standing(token, DEADLINE)).isInstanceOf(TokenStanding.RevokedStanding.class);
  }

  @Test
  void knows_no_token_by_a_clock_that_is_more_than_a_day_ahead() throws Exception {
    int day = 24 * 60 * 60;
    assertThat(byFile.standing(signedAhead(day), DEADLINE))
        .isInstanceOf(TokenStanding.NotYet.class);
    assertThat(byFile.standing(signedAhead(day + 1), DEADLINE))
        .isInstanceOf(TokenStanding.UnknownStanding.class);
  }

  private String signedAhead(int seconds) throws Exception {
    return signed(
        claims -> claims.issueTime(at(seconds)).expirationTime(at(seconds + 60)), "at+jwt");
  }

  private static Date at(int seconds) {
    return Date.from(TestClock.START.plusSeconds(seconds));
  }

  @Test
  void recognizes_tokens_of_each_published_key_while_keys_rotate() {
    keys.keepUp();
    clock.advance(Duration.ofHours(24).minusMinutes(1));
    String byOld = minted(keys, Map.of());
    keys.keepUp();
    clock.advance(Duration.ofMinutes(2));
    keys.keepUp();
    String byNew = minted(keys, Map.of());

    assertThat(kid(byOld)).isNotEqualTo(kid(byNew));
    assertThat(standing(byOld)).isInstanceOf(TokenStanding.Active.class);
    assertThat(standing(byNew)).isInstanceOf(TokenStanding.Active.class);
    revoke(byOld);
    assertThat(standing(byOld)).isInstanceOf(TokenStanding.RevokedStanding.class);
    assertThat(standing(byNew)).isInstanceOf(TokenStanding.Active.class);
  }

  @Test
  void knows_no_token_of_another_broker_and_none_of_another_issuer() {
    assertThat(
            standing(
                minted(
                    new SigningKeys(
                        settings, SignatureProvider.automatic(), clock, ChangeListener.NONE),
                    Map.of())))
        .isInstanceOf(TokenStanding.UnknownStanding.class);
    TestTokenSettings elsewhere = settings.withIssuer(TestTokenSettings.ISSUER + "/");
    assertThat(standing(minted(keys, elsewhere, Map.of())))
        .isInstanceOf(TokenStanding.UnknownStanding.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "..",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJub25lIn0.e30.x",
        "\u0000",
        "a.b.c.d.e",
        "Bearer eyJhbGciOiJFUzI1NiJ9.e30.x"
      })
  void knows_nothing_that_is_no_token(String text) {
    assertThat(standing(text)).isInstanceOf(TokenStanding.UnknownStanding.class);
  }

  @Test
  void knows_no_token_that_was_changed_anywhere() {
    String token = minted(keys, Map.of());
    for (int at = 0; at < token.length(); at += 7) {
      char other = token.charAt(at) == 'A' ? 'B' : 'A';
      String changed = token.substring(0, at) + other + token.substring(at + 1);
      assertThat(standing(changed)).as("%s", at).isInstanceOf(TokenStanding.UnknownStanding.class);
    }
    assertThat(standing(token + ".".repeat(40_000)))
        .isInstanceOf(TokenStanding.UnknownStanding.class);
    assertThat(standing("x".repeat(40_000))).isInstanceOf(TokenStanding.UnknownStanding.class);
  }

  /** A change to a token that we would have minted. */
  record Change(String name, Consumer<JWTClaimsSet.Builder> claims, String type) {

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Change> unknown() {
    return List.of(
        new Change("no jti", claims -> claims.jwtID(null), "at+jwt"),
        new Change("an odd jti", claims -> claims.jwtID("a b"), "at+jwt"),
        new Change("a long jti", claims -> claims.jwtID("x".repeat(129)), "at+jwt"),
        new Change("no iat", claims -> claims.issueTime(null), "at+jwt"),
        new Change("no sub", claims -> claims.subject(null), "at+jwt"),
        new Change("no exp", claims -> claims.expirationTime(null), "at+jwt"),
        new Change("a logout token", claims -> {}, "logout+jwt"));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void knows_nothing_by_our_key_that_we_would_not_mint(Change change) throws Exception {
    assertThat(byFile.standing(signed(change.claims(), change.type()), DEADLINE))
        .isInstanceOf(TokenStanding.UnknownStanding.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"JWT", "JOSE"})
  void tells_another_kind_of_token_of_ours(String type) throws Exception {
    assertThat(byFile.standing(signed(claims -> {}, type), DEADLINE))
        .isInstanceOf(TokenStanding.OtherKind.class);
  }

  @Test
  void tells_what_a_token_is_bound_to() throws Exception {
    String bound = signed(claims -> claims.claim("cnf", Map.of("jkt", "0ZcOCORZ")), "at+jwt");

    assertThat(byFile.standing(bound, DEADLINE))
        .isInstanceOfSatisfying(
            TokenStanding.Active.class,
            found -> {
              assertThat(found.token().confirmation())
                  .containsExactly(Map.entry("jkt", "0ZcOCORZ"));
              assertThat(found.token().tokenType()).isEqualTo("DPoP");
              assertThat(found.token().clientId()).isNull();
            });
    assertThat(admitted(claims -> claims.claim("cnf", Map.of("jkt", "0ZcOCORZ")), "at+jwt"))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"at+jwt, true", "JWT, false", "id+jwt, false"})
  void only_access_tokens_admit_to_the_broker(String type, boolean admitted) throws Exception {
    assertThat(admitted(_ -> {}, type)).isEqualTo(admitted);
    assertThat(admitted(claims -> claims.claim("client_id", "somebody"), type)).isEqualTo(admitted);
  }

  @ParameterizedTest
  @CsvSource({"ACCESS_TOKEN, EDDSA", "ACCESS_TOKEN, RS256", "JWT, ", "JWT, EDDSA", "JWT, RS256"})
  void knows_and_revokes_a_token_of_each_type_and_algorithm(
      MintedType type, @Nullable SigningAlgorithm algorithm) {
    keys.demand(algorithm == null ? Map.of() : Map.of(algorithm, Set.of("payments-api")));
    Grant grant = Grants.of("payments-api", "somebody", type, algorithm);
    String token = accepted(new JwtMinter(keys, settings, clock).mint(grant)).value();
    assertThat(active(token).clientId()).isEqualTo("somebody");
    revoke(token);
    assertThat(standing(token)).isInstanceOf(TokenStanding.RevokedStanding.class);

    Presentation.Minted presented =
        new Presentation.Minted("urn:sso", Duration.ofMinutes(1), algorithm);
    String assertion =
        accepted(new JwtMinter(keys, settings, clock).mint(grant, presented)).value();
    assertThat(standing(assertion)).isInstanceOf(TokenStanding.OtherKind.class);
  }

  private static <T> T accepted(Outcome<T> outcome) {
    return ((Outcome.Accepted<T>) outcome).value();
  }

  /** Whether a token for the broker itself with that change admits who presents it. */
  private boolean admitted(Consumer<JWTClaimsSet.Builder> change, String type) throws Exception {
    String token =
        signed(
            claims ->
                change.accept(claims.audience(BrokerTokens.AUDIENCE).claim("scope", "operate")),
            type);
    return TestTokens.presented(new BrokerTokens(byFile), token, Right.OPERATE, DEADLINE)
        instanceof Outcome.Accepted;
  }

  private String signed(Consumer<JWTClaimsSet.Builder> change, String type) throws Exception {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(TestTokenSettings.ISSUER)
            .subject("somebody")
            .audience("payments-api")
            .jwtID("some-id")
            .issueTime(Date.from(clock.instant()))
            .expirationTime(Date.from(clock.instant().plusSeconds(60)));
    change.accept(claims);
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType(type))
                .keyID(ours.getKeyID())
                .build(),
            claims.build());
    jwt.sign(new ECDSASigner(ours));
    return jwt.serialize();
  }

  private MintedTokens tokens(SigningKeys by) {
    return new MintedTokens(TestVerifiers.of(clock), new OwnKeys(by), revocations, settings, clock);
  }

  private TokenStanding standing(String token) {
    return tokens.standing(token, DEADLINE);
  }

  private MintedToken active(String token) {
    return ((TokenStanding.Active) standing(token)).token();
  }

  private void revoke(String token) {
    assertThat(TestRevocations.revoke(revocations, active(token), DEADLINE))
        .isInstanceOf(Outcome.Accepted.class);
  }

  private String minted(SigningKeys by, Map<String, Object> claims) {
    return minted(by, settings, claims);
  }

  private String minted(SigningKeys by, TokenSettings with, Map<String, Object> claims) {
    return switch (new JwtMinter(by, with, clock)
        .mint(
            Grants.of(
                "payments-api",
                "somebody",
                List.of("deploy", "read"),
                claims,
                Duration.ofMinutes(10),
                null))) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> token.value();
      case Outcome.Refused<IssuedToken> refused -> throw new AssertionError(refused.refusal());
    };
  }

  private static String kid(String token) {
    return Unchecked.get(() -> SignedJWT.parse(token).getHeader().getKeyID());
  }
}
