package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.TokenAttempts.PastFailure;
import dev.tokenbroker.issue.sts.UpstreamProtocol.TokenRevoker;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.peers.guard.Attempt;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.guard.Guarded;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerGuard;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.oauth.OwnTokens;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One upstream that issues tokens, called through its own guard.
 *
 * <p>Blocks, so it is called on virtual threads only; safe for use by many. It holds no thread and
 * no connection, so an upstream that is no longer used is simply forgotten. An exchange under way
 * there ends as usual.
 */
public final class Upstream {

  /** Parameters that the request itself sets, so that no target may. */
  public static final Set<String> RESERVED_PARAMETERS =
      Set.of(
          """
          grant_type subject_token actor_token actor_token_type assertion audience resource scope
          client_id client_secret client_assertion client_assertion_type\
          """
              .split("\\s+", -1));

  /** The reasons by which an upstream refuses the very exchange that was requested. */
  private static final Set<RefusalReason> WITHDRAWING =
      Set.of(
          RefusalReason.UPSTREAM_CREDENTIAL_REFUSED,
          RefusalReason.UPSTREAM_ASSERTION_REFUSED,
          RefusalReason.UPSTREAM_CLIENT_REFUSED,
          RefusalReason.UPSTREAM_NOT_PERMITTED,
          RefusalReason.UPSTREAM_REQUEST_REFUSED);

  /** Other lasting reasons: they concern the token just issued, or the way to the upstream. */
  private static final Set<RefusalReason> LASTING =
      Set.of(
          RefusalReason.UPSTREAM_TOKEN_UNUSABLE,
          RefusalReason.UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL,
          RefusalReason.UPSTREAM_SCOPE_TOO_WIDE,
          RefusalReason.UPSTREAM_ACTOR_MISSING,
          RefusalReason.UPSTREAM_ADDRESS_REFUSED);

  private final UpstreamDefinition definition;
  private final PeerGuard guard;
  private final TokenEndpoint endpoint;
  private final Presenter presenter;
  private final TokenAttempts attempts;
  private final UpstreamProbe probe;
  private final OwnTokens own;

  /** The account of the last request. */
  private volatile Object account = "";

  Upstream(
      UpstreamDefinition definition,
      PeerGuard guard,
      TokenEndpoint endpoint,
      Presenter presenter,
      TokenAttempts attempts,
      UpstreamProbe probe,
      OwnTokens own) {
    this.definition = definition;
    this.guard = guard;
    this.endpoint = endpoint;
    this.presenter = presenter;
    this.attempts = attempts;
    this.probe = probe;
    this.own = own;
  }

  /**
   * Whether the same request would get a refusal with that reason again a moment later. The refusal
   * may then be remembered for a short time.
   */
  public static boolean isDefinite(RefusalReason reason) {
    return isWithdrawal(reason) || LASTING.contains(reason);
  }

  /**
   * Whether a refusal with that reason withdraws an earlier grant. A token of that grant is then no
   * longer handed out.
   */
  public static boolean isWithdrawal(RefusalReason reason) {
    return WITHDRAWING.contains(reason);
  }

  /** The declaration of this upstream. */
  public UpstreamDefinition definition() {
    return definition;
  }

  /** The reasons that a failed attempt can have. */
  public static Set<RefusalReason> failureReasons() {
    return UpstreamFailures.REASONS;
  }

  /** How many attempts have failed for that reason. */
  public long failures(RefusalReason reason) {
    return attempts.failures(reason);
  }

  /**
   * The probe of the upstream, if there was neither an attempt nor a probe for that time; empty
   * otherwise, and while the upstream wants a pause. A probe blocks, and callers notice nothing of
   * it.
   */
  public Optional<Runnable> dueProbe(Duration every) {
    return guard.isPaused(account) ? Optional.empty() : probe.due(every);
  }

  /** How many probes were made. */
  public long probes() {
    return probe.made();
  }

  /** How many probes have failed. */
  public long failedProbes() {
    return probe.failed();
  }

  /** The present state of its guard. */
  public PeerStatus status() {
    return guard.status();
  }

  /**
   * Exchanges the credential, or a JWT that the broker mints in its place, for the token that the
   * grant allows. Records the result at {@link Step#UPSTREAM} of the trail.
   *
   * @param key equal for all requests for the same token; small, and without a secret
   * @param now when the evaluation began
   * @return the token; or a refusal with one of the reasons named {@code UPSTREAM_…} or {@code
   *     OWN_TOKEN_…}, {@code DEADLINE_EXCEEDED}, {@code CREDENTIAL_EXPIRED} if the credential has
   *     expired since it was verified, or {@code SIGNING_KEY_UNAVAILABLE} if the broker cannot mint
   *     that JWT
   * @throws IllegalArgumentException if the grant says that the token is minted
   */
  public Outcome<IssuedToken> exchange(
      Object key,
      Grant grant,
      PresentedCredential credential,
      Instant now,
      Deadline deadline,
      Trail trail) {
    Wanted wanted = Wanted.of(grant, credential, now);
    AtomicInteger made = new AtomicInteger();
    // Checked before the guard: a missing secret, key or own token says nothing about the upstream.
    Outcome<IssuedToken> outcome =
        attempts
            .obstacle(wanted)
            .or(() -> presenter.obstacle(wanted))
            .map(Outcome::<IssuedToken>refused)
            .orElseGet(
                () ->
                    withActor(wanted, deadline)
                        .then(full -> exchange(key, full, made, deadline, trail)));
    PeerStatus guarded = guard.status();
    attempts.circuit(guarded.circuit());
    trail.note(state(guarded));
    noteActor(outcome, trail);
    return record(outcome, made.get(), trail);
  }

  private Outcome<IssuedToken> exchange(
      Object key, Wanted wanted, AtomicInteger made, Deadline deadline, Trail trail) {
    return locate(deadline)
        .then(
            uri ->
                ask(
                    key,
                    definition.kind().account(definition, wanted.supply()),
                    deadline,
                    limit -> attempt(uri, wanted, made, limit, deadline, trail)));
  }

  /** Whether it can revoke the tokens that it has issued. */
  public boolean revokes() {
    return attempts.revoker().isPresent();
  }

  /**
   * Revokes a token that this upstream has issued. Leaves no trace in the counts of failures, which
   * are those of exchanges.
   *
   * @return true if the token was valid until now, false if it was not; or a refusal named {@code
   *     UPSTREAM_…} or {@code DEADLINE_EXCEEDED}, after which it may be valid; or {@code
   *     TOKEN_NOT_REVOCABLE}
   */
  public Outcome<Boolean> revoke(String token, Deadline deadline) {
    TokenRevoker revoker = attempts.revoker().orElse(null);
    if (revoker == null) {
      return Outcome.refused(Refusal.of(RefusalReason.TOKEN_NOT_REVOCABLE));
    }
    String key = "revoke " + Sha256.name(token.getBytes(StandardCharsets.UTF_8));
    Outcome<Boolean> outcome =
        locate(deadline)
            .then(
                uri ->
                    ask(
                        key,
                        definition.name(),
                        deadline,
                        limit -> revoker.revoke(uri, token, limit, deadline)));
    attempts.circuit(guard.status().circuit());
    return outcome;
  }

  /** Whether it can revoke tokens, and that text begins as those that it issues. */
  public boolean mayHaveIssued(String text) {
    return revokes() && attempts.mayHaveIssued(text);
  }

  /**
   * Revokes a token that this upstream {@linkplain #mayHaveIssued may have issued} to another
   * replica, or before a restart: by one attempt, apart from the guard's bounds. Whoever calls this
   * bounds the calls.
   *
   * @return as for {@link #revoke}
   */
  public Outcome<Boolean> revokeUnknown(String token, Deadline deadline) {
    TokenRevoker revoker = attempts.revoker().orElseThrow();
    return locate(deadline)
        .then(
            uri ->
                told(
                    guard.apart(
                        List.of(definition.name(), "unknown tokens"),
                        deadline,
                        limit -> revoker.revoke(uri, token, limit, deadline)),
                    deadline));
  }

  /** Reads the file with the secret again, if there is one, and takes what has changed. */
  void reread() {
    attempts.reread();
  }

  private Outcome<Wanted> withActor(Wanted wanted, Deadline deadline) {
    Actor actor = definition.kind().actor();
    return actor == null
        ? Outcome.accepted(wanted)
        : own.token(actor.client(), deadline).map(wanted::withActor);
  }

  private void noteActor(Outcome<IssuedToken> outcome, Trail trail) {
    if (definition.kind().actor() != null
        && outcome instanceof Accepted<IssuedToken>(IssuedToken token)) {
      Actor.fault(token.value())
          .ifPresent(
              fault -> trail.note("The actor is not confirmed: the token is " + fault + "."));
    }
  }

  private Outcome<URI> locate(Deadline deadline) {
    Outcome<URI> found = endpoint.locate(deadline);
    if (found instanceof Refused<URI>(Refusal why)) {
      attempts.unlocated(why);
    }
    return found;
  }

  private Attempted<Outcome<IssuedToken>> attempt(
      URI uri, Wanted wanted, AtomicInteger made, Deadline limit, Deadline deadline, Trail trail) {
    return switch (presenter.attempt(wanted, trail)) {
      // Nothing was sent, and no retry would mend it.
      case Refused<Wanted> refused -> new Attempted.Done<>(refused.as());
      case Accepted<Wanted>(Wanted presenting) -> {
        made.incrementAndGet();
        probe.attempted();
        yield attempts.make(uri, presenting, limit, deadline);
      }
    };
  }

  private <T> Outcome<T> ask(
      Object key, Object account, Deadline deadline, Attempt<Outcome<T>> attempt) {
    this.account = account;
    return told(guard.call(key, account, deadline, attempt), deadline);
  }

  private <T> Outcome<T> told(Guarded<Outcome<T>> guarded, Deadline deadline) {
    return switch (guarded) {
      case Guarded.GuardAnswered<Outcome<T>>(Outcome<T> answer) -> answer;
      case Guarded.GuardedFailure<Outcome<T>>(Outcome<T> last, int _, Duration retryAfter) ->
          later(last, retryAfter);
      case Guarded.GuardRejected<Outcome<T>>(Rejection why, Duration retryAfter) ->
          later(Outcome.refused(rejected(why, deadline)), retryAfter);
    };
  }

  private Outcome<IssuedToken> record(Outcome<IssuedToken> outcome, int made, Trail trail) {
    String expected = "a token from upstream " + definition.name();
    String attempted = made == 1 ? ", 1 attempt" : ", " + made + " attempts";
    return switch (outcome) {
      case Accepted<IssuedToken>(IssuedToken token) -> {
        trail.passed(Step.UPSTREAM, expected, "one until " + token.expireTime() + attempted);
        yield outcome;
      }
      case Refused<IssuedToken>(Refusal why) -> {
        Refusal told = why.expected().isEmpty() ? why.expected(expected) : why;
        yield trail.refuse(Step.UPSTREAM, told.seen(told.seen() + attempted));
      }
    };
  }

  private static <T> Outcome<T> later(Outcome<T> outcome, Duration retryAfter) {
    return outcome instanceof Refused<T>(Refusal why)
            && why.reason().retry() == RefusalReason.Retry.LATER
        ? Outcome.refused(why.retryAfter(retryAfter))
        : outcome;
  }

  private Refusal rejected(Rejection why, Deadline deadline) {
    PastFailure last = attempts.lastFailure();
    PastFailure pause = attempts.lastPause();
    RefusalReason reason =
        switch (why) {
          case CIRCUIT_OPEN -> RefusalReason.UPSTREAM_CIRCUIT_OPEN;
          // The reason that came with the request for a pause, perhaps to another upstream.
          case HELD -> pause == null ? RefusalReason.UPSTREAM_THROTTLED : pause.reason();
          case BUDGET_EXHAUSTED -> RefusalReason.UPSTREAM_BUDGET_EXHAUSTED;
          case BUSY ->
              deadline.remaining().isZero()
                  ? deadline.passed(RefusalReason.UPSTREAM_BUSY)
                  : RefusalReason.UPSTREAM_BUSY;
          case DEADLINE -> deadline.passed(RefusalReason.UPSTREAM_TIMED_OUT);
        };
    // Without the last failure, an open circuit would hide what must be mended.
    Refusal refusal =
        Refusal.of(reason)
            .seen(last == null ? "not asked" : "not asked; the last failure was " + last.reason());
    PastFailure cause = why == Rejection.HELD && pause != null ? pause : last;
    if (cause == null) {
      return refusal;
    }
    boolean failing = why == Rejection.CIRCUIT_OPEN || why == Rejection.BUDGET_EXHAUSTED;
    return cause.tellIn(failing ? refusal.clue(Clue.of(cause.reason().name())) : refusal);
  }

  private static String state(PeerStatus now) {
    return "upstream %s: circuit %s, %.1f retries in the budget, %d of %d under way"
        .formatted(now.peer(), now.circuit(), now.budgetTokens(), now.inFlight(), now.limit());
  }
}
