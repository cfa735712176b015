package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord.HandedToken;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.policy.RuledGrants;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of evaluations as they end in tests: an accepted one, and refused ones. */
final class Records {

  static final Instant TIME = Instant.parse("2026-11-24T12:00:00.250Z");
  static final long STEP_NANOS = 100_000;

  private static final HandedToken TOKEN =
      new HandedToken(
          "t-1", "repo:acme/payments", List.of("deploy", "read"), TIME.plusSeconds(600));

  private Records() {}

  static ExchangeRecord accepted(Intent intent) {
    return record(
        new Verdict(
            "0123456789abcdef0123456789abcdef",
            TIME,
            intent,
            null,
            "9f86d081884c7d659a2feaa0c55ad015",
            "github",
            null,
            "deploy-payments",
            "payments.yaml",
            "payments-api",
            true,
            steps(
                intent == Intent.EXPLAIN ? Step.MINT : null,
                Result.SKIPPED,
                Refusal.of(RefusalReason.INTERNAL_ERROR)),
            List.of(),
            List.of("keys of github are 12 s old"),
            List.of(),
            Clue.none()),
        "192.0.2.7",
        "a1b2c3d4e5f60718",
        "repo:acme/payments:ref:refs/heads/main",
        intent == Intent.EXCHANGE ? TOKEN : null,
        Duration.ofNanos(1_234_567));
  }

  private static ExchangeRecord record(
      Verdict verdict,
      String peer,
      String digest,
      @Nullable String subject,
      @Nullable HandedToken token,
      Duration took) {
    return new ExchangeRecord(
        verdict, "grpc", peer, digest, subject, token, null, null, false, took);
  }

  /** Given the token that was being made for another one who asked the same. */
  static ExchangeRecord joined() {
    ExchangeRecord made = accepted(Intent.EXCHANGE);
    return with(made, made.verdict(), made.token(), true);
  }

  /** The same with a proof that was good. */
  static ExchangeRecord proved(ExchangeRecord made) {
    List<Finding> steps =
        made.verdict().steps().stream()
            .map(
                step ->
                    step.step() == Step.PROOF
                        ? new Finding(Step.PROOF, Result.PASSED, "", "a key", STEP_NANOS)
                        : step)
            .toList();
    Verdict verdict =
        with(made.verdict(), made.verdict().reason(), steps, made.verdict().notes(), List.of());
    return with(made, verdict, made.token(), made.joined());
  }

  /** Refused at the audience, the credential being authentic. */
  static ExchangeRecord refusedFor(String issuer, String subject, Refusal refusal) {
    return record(
        new Verdict(
            "fedcba9876543210fedcba9876543210",
            TIME,
            Intent.EXCHANGE,
            refusal.reason(),
            "9f86d081884c7d659a2feaa0c55ad015",
            issuer,
            "gateway",
            null,
            null,
            "payments-api",
            true,
            steps(Step.AUDIENCE, Result.FAILED, refusal),
            refusal.hints(),
            List.of(),
            List.of(),
            Clue.none()),
        "192.0.2.7",
        "a1b2c3d4e5f60718",
        subject,
        null,
        Duration.ofMillis(2));
  }

  /** Refused by the upstream of the target. */
  static ExchangeRecord refusedAtUpstream(RefusalReason reason) {
    ExchangeRecord refused = refusedFor("github", "subject", Refusal.of(reason));
    return new ExchangeRecord(
        refused.verdict(),
        refused.edge(),
        refused.peer(),
        refused.credentialDigest(),
        refused.credentialSubject(),
        null,
        new Judged(
            VerifiedIdentities.of(RuledGrants.ISSUER, Map.of("sub", "subject")),
            ExchangeGrants.of(ExchangeGrants.plain()),
            "payments-api",
            List.of(),
            null,
            false,
            false,
            null),
        null,
        false,
        refused.duration());
  }

  /** Refused before an issuer was found. */
  static ExchangeRecord refusedEarly(RefusalReason reason) {
    return refusedEarly(Intent.EXCHANGE, reason);
  }

  static ExchangeRecord refusedEarly(Intent intent, RefusalReason reason) {
    return record(
        new Verdict(
            "00000000000000000000000000000001",
            TIME,
            intent,
            reason,
            "",
            null,
            null,
            null,
            null,
            "",
            false,
            steps(Step.REQUEST, Result.FAILED, Refusal.of(reason)),
            List.of(),
            List.of(),
            List.of(),
            Clue.none()),
        "",
        "",
        null,
        null,
        Duration.ofNanos(90_000));
  }

  /** Given a token that was held. */
  static ExchangeRecord hit() {
    return endedAtCache(null, Result.PASSED);
  }

  /** Given a refusal that an upstream gave a moment ago. */
  static ExchangeRecord negativeHit() {
    return endedAtCache(RefusalReason.UPSTREAM_NOT_PERMITTED, Result.FAILED);
  }

  /** The same with findings of shadow rules. */
  static ExchangeRecord shadowed(ExchangeRecord made, ShadowFinding... findings) {
    Verdict verdict = made.verdict();
    return with(
        made,
        with(verdict, verdict.reason(), verdict.steps(), verdict.notes(), List.of(findings)),
        made.token(),
        made.joined());
  }

  private static ExchangeRecord endedAtCache(@Nullable RefusalReason reason, Result cache) {
    ExchangeRecord made = accepted(Intent.EXCHANGE);
    List<Finding> steps = new ArrayList<>();
    for (Step step : Step.all()) {
      Result result =
          step == Step.CACHE ? cache : step == Step.REQUEST ? Result.PASSED : Result.SKIPPED;
      steps.add(new Finding(step, result, "", "", STEP_NANOS));
    }
    return with(made, with(made.verdict(), reason, steps, List.of(), List.of()), null, false);
  }

  private static ExchangeRecord with(
      ExchangeRecord made, Verdict verdict, @Nullable HandedToken token, boolean joined) {
    return new ExchangeRecord(
        verdict,
        made.edge(),
        made.peer(),
        made.credentialDigest(),
        made.credentialSubject(),
        token,
        made.judged(),
        null,
        joined,
        made.duration());
  }

  private static Verdict with(
      Verdict made,
      @Nullable RefusalReason reason,
      List<Finding> steps,
      List<String> notes,
      List<ShadowFinding> shadows) {
    return new Verdict(
        made.id(),
        made.evaluationTime(),
        made.intent(),
        reason,
        made.federationRevision(),
        made.issuer(),
        made.client(),
        made.rule(),
        made.ruleFile(),
        made.target(),
        made.authentic(),
        steps,
        made.hints(),
        notes,
        shadows,
        made.clue());
  }

  // The client's and the proof's steps are taken only where one was sent, the cache's only where
  // something is held.
  private static List<Finding> steps(@Nullable Step last, Result how, Refusal refusal) {
    List<Finding> steps = new ArrayList<>();
    for (Step step : Step.all()) {
      if (step == Step.CLIENT || step == Step.PROOF || step == Step.CACHE) {
        steps.add(new Finding(step, Result.SKIPPED, "", "", 0));
      } else if (last == null || step.compareTo(last) < 0) {
        steps.add(new Finding(step, Result.PASSED, "", "", STEP_NANOS));
      } else if (step == last && how == Result.FAILED) {
        steps.add(new Finding(step, Result.FAILED, refusal.expected(), refusal.seen(), STEP_NANOS));
      } else {
        steps.add(new Finding(step, Result.SKIPPED, "", "", 0));
      }
    }
    return steps;
  }
}
