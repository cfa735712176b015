package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An upstream without a network: it issues {@code opaque-1} and so on, and revokes them. */
public final class RevokingUpstream implements UpstreamKind, UpstreamProtocol {

  private final InstantSource clock;
  private final Duration life;
  private final List<String> revoked = new ArrayList<>();
  private int issued;
  private Attempted<Outcome<Boolean>> answer = new Attempted.Done<>(Outcome.accepted(true));

  public RevokingUpstream(Duration life, InstantSource clock) {
    this.life = life;
    this.clock = clock;
  }

  /** Answers revocations so from now on. */
  public void answering(Attempted<Outcome<Boolean>> how) {
    answer = how;
  }

  /** Each token that it was asked to revoke. */
  public List<String> revoked() {
    return List.copyOf(revoked);
  }

  /** The same definition, of this upstream. */
  public UpstreamDefinition inPlaceOf(UpstreamDefinition other) {
    return new UpstreamDefinition(
        other.name(),
        other.issuer(),
        other.tokenEndpoint(),
        other.tokenOrigins(),
        this,
        other.tls());
  }

  @Override
  public UpstreamProtocol protocol(
      UpstreamDefinition definition, UpstreamKind.UpstreamMeans means) {
    return this;
  }

  @Override
  public List<UpstreamKind.ClientSecretFile> secrets() {
    return List.of();
  }

  @Override
  public List<UpstreamKind.TrialRequest> trials(URI endpoint, Instant now) {
    return List.of();
  }

  @Override
  public Object account(UpstreamDefinition definition, Supply.Upstreamed terms) {
    return definition.name();
  }

  @Override
  public boolean mayUseUp(Presentation presentation) {
    return false;
  }

  @Override
  public Optional<Refusal> obstacle(Wanted wanted) {
    return Optional.empty();
  }

  @Override
  public Attempted<Outcome<IssuedToken>> ask(
      URI endpoint, Wanted wanted, Deadline limit, Deadline deadline) {
    Instant now = clock.instant();
    issued++;
    UpstreamToken token =
        new UpstreamToken(
            "opaque-" + issued,
            now,
            now.plus(life),
            List.of("contents:read"),
            IssuedToken.ACCESS_TOKEN,
            TokenType.BEARER);
    return new Attempted.Done<>(token.within(wanted, now));
  }

  @Override
  public Optional<TokenRevoker> revoker() {
    return Optional.of(
        (_, token, _, _) -> {
          revoked.add(token);
          return answer;
        });
  }

  @Override
  public void reread() {}
}
