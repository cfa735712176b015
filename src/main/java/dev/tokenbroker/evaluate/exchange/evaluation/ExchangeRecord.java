package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.SignedClaims;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The record of one evaluation, accepted or refused: exactly one is kept for each, before the
 * response is sent.
 *
 * @param verdict the whole verdict
 * @param edge the edge: "grpc" or "http"
 * @param peer the caller's address, empty if unknown
 * @param credentialDigest the first 16 hexadecimal digits of the credential's SHA-256; empty if
 *     none was sent
 * @param credentialSubject the credential's {@code sub} once verified, else null
 * @param token the token that the caller is given, else null
 * @param judged what the policy judged; null if the evaluation ended before
 * @param misdirected the claims of an authentic credential for another audience, else null
 * @param joined whether its steps were taken for another caller with the same request at the same
 *     time
 * @param duration the time from reading the request to this record
 */
public record ExchangeRecord(
    Verdict verdict,
    String edge,
    String peer,
    String credentialDigest,
    @Nullable String credentialSubject,
    @Nullable HandedToken token,
    @Nullable Judged judged,
    @Nullable SignedClaims misdirected,
    boolean joined,
    Duration duration) {

  /** The upstream of the target, once a rule has granted the request; null if there is none. */
  public @Nullable String upstream() {
    Grant grant = judged == null ? null : judged.grant();
    return grant == null
        ? null
        : grant.supply().fromUpstream().map(Supply.Upstreamed::upstream).orElse(null);
  }

  /**
   * The steps that were taken for this evaluation, in order. An evaluation that joined another or
   * ended at {@link Step#CACHE} took none but {@link Step#PROOF}. The other's record has the
   * remaining steps and their times.
   */
  public List<Finding> ownSteps() {
    if (!joined && !endedAtCache()) {
      return verdict.steps();
    }
    Finding proof = step(Step.PROOF);
    return proof == null || proof.result() == Result.SKIPPED ? List.of() : List.of(proof);
  }

  /** Whether the result of an earlier evaluation was given again: a hit of the cache. */
  public boolean endedAtCache() {
    Finding cache = step(Step.CACHE);
    return cache != null && cache.result() != Result.SKIPPED;
  }

  // PROOF and CACHE are the third and the fourth step, so that a hit looks at seven.
  private @Nullable Finding step(Step step) {
    for (Finding finding : verdict.steps()) {
      if (finding.step() == step) {
        return finding;
      }
    }
    return null;
  }

  /** The record that observers see if the real one could not be kept: nothing was issued. */
  public ExchangeRecord unkept(RefusalReason why) {
    return new ExchangeRecord(
        verdict.unrecorded(why),
        edge,
        peer,
        credentialDigest,
        credentialSubject,
        null,
        judged,
        misdirected,
        joined,
        duration);
  }

  /**
   * The facts that are kept of an issued token; never the token itself.
   *
   * @param id its {@code jti}; for a token of an upstream, the beginning of its SHA-256
   * @param subject its {@code sub}
   * @param scopes its scopes
   * @param expireTime when it expires
   */
  public record HandedToken(String id, String subject, List<String> scopes, Instant expireTime) {}
}
