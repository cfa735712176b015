package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord.HandedToken;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One caller's evaluation: its id, its request, the current federation, and the record at its end.
 * Other callers may share the result of the request, but not this object.
 */
public final class Evaluation {

  private final String id = newId();
  private final long beganNanos = System.nanoTime();
  private final ExchangeRequest request;
  private final Intent intent;
  private final Instant began;
  private final CredentialDigest credential;
  private final @Nullable Federation federation;
  private final Executor context;
  private volatile @Nullable Finding proof;
  private volatile @Nullable Finding client;
  private boolean joined;

  public Evaluation(
      ExchangeRequest request,
      Intent intent,
      Instant began,
      @Nullable Federation federation,
      Executor context) {
    this.request = request;
    this.intent = intent;
    this.began = began;
    this.credential = CredentialDigest.of(request.subjectToken());
    this.federation = federation;
    this.context = context;
  }

  public String id() {
    return id;
  }

  public ExchangeRequest request() {
    return request;
  }

  public Instant began() {
    return began;
  }

  CredentialDigest credential() {
    return credential;
  }

  public @Nullable Federation federation() {
    return federation;
  }

  /** Runs code for this caller alone in its context, such as its trace. */
  public Executor context() {
    return context;
  }

  public long elapsedNanos() {
    return System.nanoTime() - beganNanos;
  }

  /** Keeps the finding on this caller's proof, which no other caller shares. */
  public void proved(Finding finding) {
    proof = finding;
  }

  /** Keeps the finding on this caller's client, which no other caller shares. */
  public void stated(Finding finding) {
    client = finding;
  }

  /** Whether it issues nothing, and so uses nothing up. */
  public boolean isTrial() {
    return intent == Intent.EXPLAIN;
  }

  /** Notes that it waits for steps taken for another caller, and takes none itself. */
  public void joined() {
    joined = true;
  }

  /** The end of this request, which is refused at a step of its own. */
  public <T> EvaluationResult<T> refused(Step step, Refusal why) {
    return EvaluationResult.refused(asked(), step, why);
  }

  /** The end of this request, which is refused although its identity is proved. */
  public <T> EvaluationResult<T> refused(Step step, Refusal why, VerifiedIdentity identity) {
    Trail trail = asked();
    trail.authenticated();
    trail.issuer(identity.issuer().name());
    return new EvaluationResult<>(trail.refuse(step, why), trail, identity, null);
  }

  private Trail asked() {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", request.audience());
    return trail;
  }

  /** The record to keep if it ends with that result. */
  public ExchangeRecord record(EvaluationResult<?> result) {
    IssuedToken token =
        result.outcome() instanceof Outcome.Accepted<?>(IssuedToken issued) ? issued : null;
    VerifiedIdentity identity = result.identity();
    Grant grant = result.grant();
    String target = target(identity);
    return new ExchangeRecord(
        verdict(result, target),
        request.edge(),
        request.peer(),
        credential.prefix(),
        identity == null ? null : identity.subject(),
        grant == null || token == null ? null : handed(token, grant),
        identity == null ? null : Judged.of(identity, grant, request, target, result.trail()),
        result.trail().misdirected(),
        joined,
        Duration.ofNanos(elapsedNanos()));
  }

  private Verdict verdict(EvaluationResult<?> result, String target) {
    Policy policy = federation == null ? null : federation.policy();
    return Verdict.of(id, began, intent, revision(), target, result.trail(), policy)
        .withStep(result.trail().failed() == Step.PROOF ? null : proof)
        .withStep(client)
        .withNotes(
            target.equals(request.audience())
                ? List.of()
                : List.of("The request names no target, so the issuer's defaultAudience counts."));
  }

  /**
   * The requested target. Without one, it is the default of the issuer, which is known and shown
   * only once the credential is verified.
   */
  private String target(@Nullable VerifiedIdentity identity) {
    String requested = request.audience();
    return !requested.isEmpty() || identity == null || federation == null
        ? requested
        : Objects.requireNonNullElse(
            federation.policy().defaultAudience(identity.issuer().name()), "");
  }

  private static HandedToken handed(IssuedToken token, Grant grant) {
    return new HandedToken(token.id(), grant.subject(), token.scopes(), token.expireTime());
  }

  private String revision() {
    return federation == null ? "" : federation.revision();
  }

  // The id guards nothing: only operators read verdicts. A fast generator is enough.
  private static String newId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
