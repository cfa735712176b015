package dev.tokenbroker.evaluate.exchange.cache;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.EmptyFederation;
import dev.tokenbroker.evaluate.exchange.RequestRules;
import dev.tokenbroker.evaluate.exchange.SeededIssuer;
import dev.tokenbroker.evaluate.exchange.evaluation.CacheKey;
import dev.tokenbroker.evaluate.exchange.evaluation.CheckedRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.TestIssuers;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.possession.TokenType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Evaluations under way that differ in their credential, and what they come to: tests of what is
 * kept and shared of them need no more. Credentials are of one issuer, whose keys can change.
 */
public final class TestFlights {

  /** Longer than any test goes on, unless it is about the end of credentials. */
  static final Instant FAR = Instant.parse("2030-01-01T00:00:00Z");

  /** The value of all tokens. */
  static final String VALUE = "s-e-c";

  /** The {@code jti} of all credentials. */
  static final String CREDENTIAL_ID = "credential";

  public static final ScheduledExecutorService ALARMS =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private static final Federation FEDERATION = EmptyFederation.of("revision");

  private final InstantSource clock;
  private final Keys keys = new Keys();
  private final AtomicLong tokens = new AtomicLong();

  public TestFlights(InstantSource clock) {
    this.clock = clock;
  }

  /** The keys of the issuer are others from now on. */
  public void changeKeys() {
    keys.version.incrementAndGet();
  }

  /** The keys of the issuer are those again that they were before {@link #changeKeys}. */
  public void changeKeysBack() {
    keys.version.decrementAndGet();
  }

  /** One that a caller with a minute left would begin. */
  public Flight flight(String credential, String... scopes) {
    return new Flight(context(credential, scopes), enough(), enough());
  }

  public Flight flight(String credential, Deadline deadline) {
    return new Flight(context(credential), deadline, enough());
  }

  public CacheKey key(String credential, String... scopes) {
    return context(credential, scopes).key();
  }

  private EvaluationContext context(String credential, String... scopes) {
    Evaluation run = run(credential, scopes);
    CheckedRequest request =
        Outcomes.accepted(RequestRules.check(run.request(), FEDERATION, _ -> true));
    return new EvaluationContext(run, request);
  }

  /** What the caller of such a flight keeps for itself. */
  public Evaluation run(String credential, String... scopes) {
    return new Evaluation(
        request("payments-api", credential, scopes),
        Intent.EXCHANGE,
        clock.instant(),
        FEDERATION,
        Runnable::run);
  }

  /** A token made now, with an id of its own. */
  public IssuedToken token(Duration life, String... scopes) {
    return new IssuedToken(
        VALUE,
        "id " + tokens.incrementAndGet(),
        clock.instant(),
        clock.instant().plus(life),
        List.of(scopes),
        IssuedToken.ACCESS_TOKEN,
        TokenType.BEARER);
  }

  public EvaluationResult<IssuedToken> granted(IssuedToken token) {
    return granted(token, FAR);
  }

  /**
   * The same with an end of its credential.
   *
   * @param acceptedUntil the moment from which the credential is not accepted any more
   */
  public EvaluationResult<IssuedToken> granted(IssuedToken token, Instant acceptedUntil) {
    return ended(Outcome.accepted(token), new Trail(), identity(acceptedUntil, false));
  }

  /** Of a credential that may be exchanged once only. */
  public EvaluationResult<IssuedToken> grantedOnce(IssuedToken token) {
    return ended(Outcome.accepted(token), new Trail(), identity(FAR, true));
  }

  /** Refused by the upstream. */
  public EvaluationResult<IssuedToken> refused(RefusalReason reason) {
    Trail trail = new Trail();
    return ended(trail.refuse(Step.UPSTREAM, Refusal.of(reason)), trail, identity(FAR, false));
  }

  private EvaluationResult<IssuedToken> ended(
      Outcome<IssuedToken> outcome, Trail trail, VerifiedIdentity identity) {
    return new EvaluationResult<>(outcome, trail, identity, Grants.of("payments-api", "somebody"));
  }

  private VerifiedIdentity identity(Instant acceptedUntil, boolean once) {
    TrustedIssuer issuer =
        TestIssuers.of(
            "acme", SeededIssuer.ISSUER, SeededIssuer.AUDIENCE, Duration.ZERO, null, once, keys);
    return VerifiedIdentities.of(
        issuer, Map.of("exp", acceptedUntil.getEpochSecond(), "jti", CREDENTIAL_ID));
  }

  private static final class Keys implements KeySetSource {

    private final AtomicLong version = new AtomicLong(1);

    @Override
    public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
      throw new AssertionError("nothing is verified here");
    }

    @Override
    public boolean publishes(String kid) {
      return false;
    }

    @Override
    public long version() {
      return version.get();
    }

    @Override
    public KeySetStatus status() {
      return new KeySetStatus(Freshness.FIXED, 1, null, 0, 0, null, null);
    }
  }
}
