package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.revocation.BrokerTokens;
import dev.tokenbroker.evaluate.revocation.MintedToken;
import dev.tokenbroker.evaluate.revocation.MintedTokens;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.evaluate.revocation.RevocationSettings;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.Right;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.store.SharedStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** A broker's minted tokens, with keys of its own and revocations in memory. */
public final class TestTokens {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  private final SigningKeys keys;
  private final InstantSource clock;
  private final JwtMinter minter;
  private final Revocations revocations;
  private final MintedTokens minted;

  public TestTokens(InstantSource clock) {
    this(clock, TestRevocations.inMemory());
  }

  public TestTokens(InstantSource clock, RevocationSettings settings) {
    this(clock, settings, new OneReplica());
  }

  /** Shares its revocations in that store. */
  public TestTokens(InstantSource clock, RevocationSettings settings, SharedStore store) {
    TestTokenSettings tokens = TestTokenSettings.defaults();
    this.clock = clock;
    Clocks clocks = TestClocks.of(clock);
    this.keys = new SigningKeys(tokens, SignatureProvider.automatic(), clocks, ChangeListener.NONE);
    this.minter = new JwtMinter(keys, tokens, clock);
    this.revocations = new Revocations(settings, store, clocks);
    this.minted =
        new MintedTokens(TestVerifiers.of(clock), new OwnKeys(keys), revocations, tokens, clock);
  }

  /** A token of ten minutes. */
  public String mint(String audience, String... scopes) {
    return mint(audience, Duration.ofMinutes(10), scopes);
  }

  public String mint(String audience, Duration lifetime, String... scopes) {
    return mintFor("somebody", audience, lifetime, scopes);
  }

  public String mintFor(String subject, String audience, Duration lifetime, String... scopes) {
    return mint(Grants.of(audience, subject, List.of(scopes), Map.of(), lifetime, null));
  }

  public String mint(Grant grant) {
    return Outcomes.accepted(minter.mint(grant)).value();
  }

  /** What the broker has signed, and what says that it is no access token. */
  public String ofAnotherKind() {
    SigningKey key = keys.signer(clock.instant()).orElseThrow();
    long now = clock.instant().getEpochSecond();
    Map<String, Object> claims =
        Map.of(
            "iss",
            TestTokenSettings.ISSUER,
            "sub",
            "somebody",
            "aud",
            "somewhere",
            "jti",
            "some-id",
            "iat",
            now,
            "exp",
            now + 60);
    return key.signJwt(key.kid(), claims);
  }

  /** The token as it is known when it is active. */
  public MintedToken active(String token) {
    return ((TokenStanding.Active) minted.standing(token, DEADLINE)).token();
  }

  public MintedTokens minted() {
    return minted;
  }

  public Revocations revocations() {
    return revocations;
  }

  public BrokerTokens brokerTokens() {
    return new BrokerTokens(minted);
  }

  /** What comes of a token that its bearer presents, who has proved nothing. */
  public static Outcome<MintedToken> presented(
      BrokerTokens tokens, String token, Right right, Deadline deadline) {
    return tokens.recognise(
        new PresentedToken(TokenType.BEARER, token),
        () -> Outcome.accepted(ProvedKeys.NONE),
        (keys, _) -> Outcome.accepted(keys),
        right,
        deadline);
  }
}
