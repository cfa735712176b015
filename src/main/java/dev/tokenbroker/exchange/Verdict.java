package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation: how it ended, and every step on the way.
 *
 * @param id names it; 128 random bits in hexadecimal
 * @param evaluationTime when it was made
 * @param intent whether a token was wanted
 * @param reason why it was refused; null where accepted
 * @param federationRevision the revision that judged it; empty where none is loaded
 * @param issuer the trusted issuer's name; null until it is known
 * @param rule the rule that decided; null where none did
 * @param target the audience asked for, cleaned and cut as all evidence is
 * @param authentic whether the credential's signature is its issuer's, so that its holder may see
 *     its claims
 * @param steps all steps in order
 * @param hints what the request nearly was
 * @param notes what decided nothing and only operators see
 */
public record Verdict(
    String id,
    Instant evaluationTime,
    Intent intent,
    @Nullable RefusalReason reason,
    String federationRevision,
    @Nullable String issuer,
    @Nullable String rule,
    String target,
    boolean authentic,
    List<Finding> steps,
    List<String> hints,
    List<String> notes) {

  /** Who reads a verdict. */
  public enum Reader {
    /** Whoever sent the request: sees what its own credential proved it may see. */
    CALLER,
    /** An operator of this broker: sees everything. */
    OPERATOR
  }

  static Verdict of(
      String id, Instant time, Intent intent, String revision, String target, Trail trail) {
    var refusal = trail.refusal();
    return new Verdict(
        id,
        time,
        intent,
        refusal == null ? null : refusal.reason(),
        revision,
        trail.issuer(),
        trail.rule(),
        Evidence.clean(target),
        trail.authentic(),
        trail.findings(),
        refusal == null ? List.of() : refusal.hints(),
        trail.notes());
  }

  /** The same with that finding in place of the one of its step; as it is for null. */
  Verdict withStep(@Nullable Finding finding) {
    if (finding == null) {
      return this;
    }
    List<Finding> replaced =
        steps.stream().map(step -> step.step() == finding.step() ? finding : step).toList();
    return with(reason, authentic, replaced, hints, notes);
  }

  /**
   * The verdict where no record of the evaluation could be kept: refused, whatever it came to. Only
   * operators learn what that was.
   *
   * @param why the caller is refused
   */
  Verdict unrecorded(RefusalReason why) {
    String cameTo = reason == null ? "accepted" : reason.name();
    List<String> all = new ArrayList<>(notes);
    all.add("came to " + cameTo + ", and is refused because its audit record could not be written");
    return with(why, false, steps, List.of(), List.copyOf(all));
  }

  public boolean accepted() {
    return reason == null;
  }

  /** Whether it was refused unjudged: then there is no more to see than that, nor time to ask. */
  public boolean isShed() {
    return !accepted()
        && steps.stream()
            .anyMatch(step -> step.step() == Step.ADMISSION && step.result() == Result.FAILED);
  }

  /**
   * As much of it as a reader may see. A caller whose credential is not verified learns reason and
   * id; one whose credential is verified also learns what its own claims were and what the failed
   * step expected.
   */
  public Verdict disclosedTo(Reader reader) {
    return switch (reader) {
      case OPERATOR -> this;
      case CALLER -> authentic ? withoutNotes() : reasonOnly();
    };
  }

  // What is wrong with the shape of a request, or with its proof of possession, is no secret to who
  // made it: those steps are shown to anybody.
  private Verdict reasonOnly() {
    List<Finding> shape =
        steps.stream()
            .filter(step -> step.step() == Step.REQUEST || step.step() == Step.PROOF)
            .filter(step -> step.result() == Result.FAILED)
            .toList();
    return new Verdict(
        id,
        evaluationTime,
        intent,
        reason,
        "",
        null,
        null,
        target,
        false,
        shape,
        shape.isEmpty() ? List.of() : hints,
        List.of());
  }

  private Verdict withoutNotes() {
    List<Finding> shown =
        steps.stream()
            .map(step -> step.result() == Result.PASSED ? withoutExpectation(step) : step)
            .toList();
    return with(reason, true, shown, hints, List.of());
  }

  /** The same evaluation by the same rule, told otherwise. */
  private Verdict with(
      @Nullable RefusalReason reason,
      boolean authentic,
      List<Finding> steps,
      List<String> hints,
      List<String> notes) {
    return new Verdict(
        id,
        evaluationTime,
        intent,
        reason,
        federationRevision,
        issuer,
        rule,
        target,
        authentic,
        steps,
        hints,
        notes);
  }

  private static Finding withoutExpectation(Finding step) {
    return new Finding(step.step(), step.result(), "", step.seen(), step.nanos());
  }
}
