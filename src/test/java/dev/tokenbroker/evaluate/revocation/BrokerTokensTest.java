package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.OwnKeys;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("store")
class BrokerTokensTest {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  private final TestClock clock = new TestClock();
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final SigningKeys keys =
      new SigningKeys(settings, SignatureProvider.automatic(), clock, ChangeListener.NONE);
  private final OwnKeys ownKeys = new OwnKeys(keys);
  private final Revocations revocations =
      new Revocations(TestRevocations.inMemory(), new OneReplica(), clock);
  private final BrokerTokens tokens = tokens(ownKeys, settings);

  @ParameterizedTest
  @EnumSource(
      value = SigningAlgorithm.class,
      names = {"ES256", "EDDSA", "RS256"})
  void allows_the_bearer_of_a_token_minted_for_it(SigningAlgorithm algorithm) {
    TestTokenSettings other = settings.withAlgorithm(algorithm);
    SigningKeys otherKeys =
        new SigningKeys(other, SignatureProvider.automatic(), clock, ChangeListener.NONE);
    BrokerTokens others = tokens(new OwnKeys(otherKeys), other);
    String token = minted(otherKeys, other, "token-broker", List.of("operate", "read"));
    assertThat(operates(others, token)).isTrue();
    assertThat(operates(token)).as("keys of another broker").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "read", "operates", "Operate", "operate:all"})
  void refuses_a_token_without_the_scope(String scope) {
    List<String> scopes = scope.isEmpty() ? List.of() : List.of(scope);
    assertThat(operates(minted("token-broker", scopes))).isFalse();
  }

  @Test
  void does_not_start_without_an_issuer() {
    assertThatThrownBy(() -> tokens(ownKeys, settings.withoutIssuer()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token-broker.token.issuer");
  }

  @Test
  void own_keys_are_those_published_and_no_others() {
    String kid = keys.signer(clock.instant()).orElseThrow().kid();
    assertThat(ownKeys.publishes(kid)).isTrue();
    assertThat(ownKeys.publishes("other")).isFalse();
    assertThat(accepted(kid)).extracting(VerificationKey::kid).containsExactly(kid);
    keys.keepUp();
    assertThat(accepted(null)).hasSize(2);
    assertThat(ownKeys.status().keyCount()).isEqualTo(2);
    assertThat(ownKeys.status().freshness()).isEqualTo(KeySetStatus.Freshness.FIXED);
    assertThat(ownKeys.keys("other", DEADLINE))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused ->
                assertThat(refused.refusal())
                    .extracting(Refusal::reason)
                    .isEqualTo(RefusalReason.KEY_UNKNOWN));
  }

  @ParameterizedTest
  @EnumSource(Right.class)
  void grants_the_right_of_the_scope_and_no_other(Right right) {
    String token = minted("token-broker", List.of(right.scope()));

    for (Right wanted : Right.values()) {
      Outcome<MintedToken> outcome = TestTokens.presented(tokens, token, wanted, DEADLINE);
      if (wanted == right) {
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
      } else {
        assertThat(reason(outcome)).isEqualTo(RefusalReason.CALLER_NOT_PERMITTED);
      }
    }
  }

  @Test
  void does_not_say_what_is_wrong_with_a_token() {
    String revoked = minted("token-broker", List.of("operate"));
    assertThat(operates(revoked)).isTrue();
    revoke(revoked);

    for (String bad : List.of("", revoked, minted("payments-api", List.of("operate")))) {
      assertThat(TestTokens.presented(tokens, bad, Right.OPERATE, DEADLINE))
          .isEqualTo(Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED)));
    }
  }

  @Test
  void says_what_a_text_is_that_is_no_token() {
    Outcome<?> refused = TestTokens.presented(tokens, "ghs_16C7e42F", Right.OPERATE, DEADLINE);

    assertThat(refused)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            told ->
                assertThat(told.refusal().seen())
                    .contains("a GitHub installation token (ghs_)")
                    .doesNotContain("16C7"));
  }

  private void revoke(String token) {
    MintedTokens minted =
        new MintedTokens(TestVerifiers.of(clock), ownKeys, revocations, settings, clock);
    if (minted.standing(token, DEADLINE) instanceof TokenStanding.Active(MintedToken found)) {
      assertThat(TestRevocations.revoke(revocations, found, DEADLINE))
          .isInstanceOf(Outcome.Accepted.class);
    } else {
      throw new AssertionError("not active");
    }
  }

  private BrokerTokens tokens(OwnKeys from, TokenSettings by) {
    return new BrokerTokens(
        new MintedTokens(TestVerifiers.of(clock), from, revocations, by, clock));
  }

  private boolean operates(String token) {
    return operates(tokens, token);
  }

  private static boolean operates(BrokerTokens recognised, String token) {
    return TestTokens.presented(recognised, token, Right.OPERATE, DEADLINE)
        instanceof Outcome.Accepted;
  }

  private static RefusalReason reason(Outcome<MintedToken> outcome) {
    return switch (outcome) {
      case Outcome.Accepted<MintedToken> accepted -> throw new AssertionError(accepted.value());
      case Outcome.Refused<MintedToken>(Refusal refusal) -> refusal.reason();
    };
  }

  private List<VerificationKey> accepted(@Nullable String kid) {
    return switch (ownKeys.keys(kid, DEADLINE)) {
      case Outcome.Accepted<List<VerificationKey>>(List<VerificationKey> found) -> found;
      case Outcome.Refused<List<VerificationKey>> refused ->
          throw new AssertionError(refused.refusal());
    };
  }

  private String minted(String audience, List<String> scopes) {
    return minted(keys, settings, audience, scopes);
  }

  private String minted(
      SigningKeys signingKeys, TokenSettings by, String audience, List<String> scopes) {
    JwtMinter minter = new JwtMinter(signingKeys, by, clock);
    return switch (minter.mint(
        Grants.of(audience, "somebody", scopes, Map.of(), Duration.ofMinutes(10), null))) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> token.value();
      case Outcome.Refused<IssuedToken> refused -> throw new AssertionError(refused.refusal());
    };
  }
}
