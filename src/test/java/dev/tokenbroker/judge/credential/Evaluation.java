package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One verification at {@link TestClock#START}, and what it left behind. */
record Evaluation(Outcome<VerifiedIdentity> outcome, Trail trail) {

  private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

  static Evaluation of(String compact, TrustedIssuer... issuers) {
    return of(compact, TrustedIssuers.of(List.of(issuers)));
  }

  static Evaluation of(String compact, TrustedIssuers issuers) {
    return by(SignatureProvider.automatic(), compact, issuers);
  }

  static Evaluation by(SignatureProvider provider, String compact, TrustedIssuers issuers) {
    Trail trail = new Trail();
    return new Evaluation(
        TestVerifiers.of(new TestClock(), provider)
            .verify(
                new PresentedCredential(JWT, compact),
                issuers,
                Deadline.after(Duration.ofSeconds(10)),
                trail),
        trail);
  }

  boolean accepted() {
    return outcome instanceof Outcome.Accepted;
  }

  VerifiedIdentity identity() {
    return switch (outcome) {
      case Outcome.Accepted<VerifiedIdentity>(VerifiedIdentity identity) -> identity;
      case Outcome.Refused<VerifiedIdentity>(Refusal refusal) ->
          throw new AssertionError(trail.failed() + ": " + refusal);
    };
  }

  /** Asserts the one ending, and that the trail tells the same: passed before, skipped after. */
  Refusal refused(RefusalReason reason, Step step) {
    Refusal refusal = refusal();
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(trail.refusal()).isSameAs(refusal);
    assertThat(trail.failed()).isEqualTo(step);
    assertThat(trail.authentic()).isEqualTo(step.compareTo(Step.SIGNATURE) > 0);
    for (Trail.Finding finding : trail.findings()) {
      if (finding.step().compareTo(Step.ADMISSION) > 0) {
        int side = finding.step().compareTo(step);
        assertThat(finding.result())
            .isEqualTo(
                side < 0
                    ? Trail.Result.PASSED
                    : side == 0 ? Trail.Result.FAILED : Trail.Result.SKIPPED);
      }
    }
    return refusal;
  }

  Refusal refusal() {
    return switch (outcome) {
      case Outcome.Refused<VerifiedIdentity>(Refusal refusal) -> refusal;
      case Outcome.Accepted<VerifiedIdentity> accepted ->
          throw new AssertionError("was accepted: " + accepted.value());
    };
  }

  /** Everything that anybody could be shown. */
  List<String> evidence() {
    List<String> evidence = new ArrayList<>(trail.notes());
    for (Trail.Finding finding : trail.findings()) {
      evidence.add(finding.expected());
      evidence.add(finding.seen());
    }
    if (outcome instanceof Outcome.Refused<VerifiedIdentity>(Refusal refusal)) {
      evidence.add(refusal.expected());
      evidence.add(refusal.seen());
      evidence.addAll(refusal.hints());
    }
    evidence.add(outcome.toString());
    return evidence;
  }
}
