package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.cache.CacheSettings;
import dev.tokenbroker.evaluate.exchange.cache.Flight;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.CacheKey;
import dev.tokenbroker.evaluate.exchange.evaluation.CheckedRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.ProvedKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The cache of a broker that holds the same token for many credentials, for benchmarks. */
public final class HeldTokens {

  private static final String TYPE = "urn:ietf:params:oauth:token-type:jwt";
  private static final Deadline LIMIT = Deadline.limit(Duration.ofMinutes(10));

  private record Settings(boolean enabled, long maxWeight, Duration negativeTtl, boolean shared)
      implements CacheSettings {}

  private final VerifiedIdentity identity;
  private final Grant grant;
  private final IssuedToken token;
  private final Instant now;
  private final Federation federation;
  private final IssuedTokens tokens;

  /** An empty cache, at the moment at which that token was issued. */
  public HeldTokens(VerifiedIdentity identity, Grant grant, IssuedToken token) {
    this.identity = identity;
    this.grant = grant;
    this.token = token;
    this.now = token.issueTime();
    this.federation =
        new Federation(
            "0".repeat(64),
            TrustedIssuers.of(List.of()),
            RegisteredClients.NONE,
            Policy.of(List.of(), List.of()),
            Map.of(),
            now,
            List.of(),
            FormerIssuers.NONE);
    this.tokens =
        new IssuedTokens(
            new Settings(true, 64 << 20, Duration.ofSeconds(10), true),
            false,
            _ -> false,
            () -> now);
  }

  /** Holds the token for that credential. */
  public void hold(String credential) {
    ExchangeRequest asked =
        new ExchangeRequest(
            grant.audience(),
            credential,
            TYPE,
            List.of(),
            null,
            false,
            "grpc",
            "",
            PresentedKeys.NONE,
            PresentedClient.NONE,
            List.of());
    Evaluation run = new Evaluation(asked, Intent.EXCHANGE, now, federation, Runnable::run);
    EvaluationContext context = new EvaluationContext(run, request(credential));
    Flight flight = tokens.share(new Flight(context, LIMIT, LIMIT), now);
    tokens.land(
        flight, new EvaluationResult<>(Outcome.accepted(token), new Trail(), identity, grant));
    if (hit(key(credential)) == null) {
      throw new IllegalStateException("the token is not held");
    }
  }

  /** The key of a request with that credential. */
  public CacheKey key(String credential) {
    return request(credential).key(CredentialDigest.of(credential));
  }

  /** What is held for that key. */
  public Object hit(CacheKey key) {
    return Objects.requireNonNull(tokens.known(key, now));
  }

  private CheckedRequest request(String credential) {
    return new CheckedRequest(
        new PresentedCredential(TYPE, credential),
        federation.issuers(),
        new GrantRequest(grant.audience(), Set.of("read", "deploy"), null),
        ProvedKeys.NONE,
        federation,
        null);
  }
}
