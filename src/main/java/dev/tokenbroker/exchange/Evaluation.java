package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.signing.IssuedToken;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One caller's evaluation: its name, its request, the federation of the moment, and what is kept of
 * it in the end. What is found out about the request may be shared with others; this is not.
 */
final class Evaluation {

  private final String id = newId();
  private final long beganNanos = System.nanoTime();
  private final ExchangeRequest request;
  private final Intent intent;
  private final Instant began;
  private final CredentialDigest credential;
  private final @Nullable Federation federation;
  private final Executor context;
  private volatile @Nullable Finding proof;
  private boolean joined;

  Evaluation(
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

  String id() {
    return id;
  }

  ExchangeRequest request() {
    return request;
  }

  Instant began() {
    return began;
  }

  CredentialDigest credential() {
    return credential;
  }

  @Nullable Federation federation() {
    return federation;
  }

  /** Runs what concerns this caller alone in its context, such as its trace. */
  Executor context() {
    return context;
  }

  long elapsedNanos() {
    return System.nanoTime() - beganNanos;
  }

  /** Keeps what was found of this caller's proof, which nobody shares. */
  void proved(Finding finding) {
    proof = finding;
  }

  /** Notes that it waits for the steps that are taken for somebody else, and takes none itself. */
  void joined() {
    joined = true;
  }

  /** What is kept of it where it came to that. */
  ExchangeRecord record(EvaluationResult<?> result) {
    IssuedToken token =
        result.outcome() instanceof Outcome.Accepted<?>(IssuedToken issued) ? issued : null;
    VerifiedIdentity identity = result.identity();
    Grant grant = result.grant();
    return new ExchangeRecord(
        verdict(result),
        request.door(),
        request.peer(),
        credential.prefix(),
        identity == null ? null : identity.subject(),
        grant == null || token == null ? null : handed(token, grant),
        joined,
        Duration.ofNanos(elapsedNanos()));
  }

  private Verdict verdict(EvaluationResult<?> result) {
    return Verdict.of(id, began, intent, revision(), request.audience(), result.trail())
        .withStep(proof);
  }

  private static HandedToken handed(IssuedToken token, Grant grant) {
    return new HandedToken(token.id(), grant.subject(), token.scopes(), token.expireTime());
  }

  private String revision() {
    return federation == null ? "" : federation.revision();
  }

  // Names a verdict and guards nothing: only operators read verdicts. A fast generator is enough.
  private static String newId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
