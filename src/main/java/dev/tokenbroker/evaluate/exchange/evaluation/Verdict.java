package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.judge.policy.Policy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation: how it ended, and every step on the way.
 *
 * @param id its name; 128 random bits in hexadecimal
 * @param evaluationTime when it was made
 * @param intent the purpose of the evaluation
 * @param reason why it was refused; null if accepted
 * @param federationRevision the revision that judged it; empty if none is loaded
 * @param issuer the trusted issuer's name; null until it is known
 * @param client the client that presented the credential; null if none has proved itself
 * @param rule the rule that decided; null if none did
 * @param ruleFile the file with that rule; null if none decided, or if the document has one file
 * @param target the requested audience, cleaned and cut as all evidence is
 * @param authentic whether the credential's signature is its issuer's, and it is no stranger's, so
 *     that its holder may see its claims
 * @param steps all steps in order
 * @param hints what the request nearly was
 * @param notes facts that decided nothing, for operators only
 * @param shadowRules what shadow rules would do, for operators only
 * @param clue the fact by which changes are compared with the refusal; no reader sees it
 */
public record Verdict(
    String id,
    Instant evaluationTime,
    Intent intent,
    @Nullable RefusalReason reason,
    String federationRevision,
    @Nullable String issuer,
    @Nullable String client,
    @Nullable String rule,
    @Nullable String ruleFile,
    String target,
    boolean authentic,
    List<Finding> steps,
    List<String> hints,
    List<String> notes,
    List<ShadowFinding> shadowRules,
    Clue clue) {

  private static final Set<Step> SHAPE =
      EnumSet.of(Step.REQUEST, Step.CLIENT, Step.FORMAT, Step.PROOF);

  /** The reader of a verdict. */
  public enum Reader {
    /** The sender of the request: sees what its own credential entitles it to see. */
    CALLER,
    /** An operator of this broker: sees everything. */
    OPERATOR
  }

  /** The verdict that a trail leads to. */
  public static Verdict of(
      String id, Instant time, Intent intent, String revision, String target, Trail trail) {
    return of(id, time, intent, revision, target, trail, null);
  }

  /**
   * As {@link #of(String, Instant, Intent, String, String, Trail)}.
   *
   * @param policy knows the files of rules; null if none judged
   */
  public static Verdict of(
      String id,
      Instant time,
      Intent intent,
      String revision,
      String target,
      Trail trail,
      @Nullable Policy policy) {
    String file = policy == null ? null : policy.fileOf(trail.rule());
    var refusal = trail.refusal();
    return new Verdict(
        id,
        time,
        intent,
        refusal == null ? null : refusal.reason(),
        revision,
        trail.issuer(),
        trail.client(),
        trail.rule(),
        file == null ? null : Evidence.clean(file),
        Evidence.clean(target),
        trail.authentic(),
        trail.findings(),
        refusal == null ? List.of() : refusal.hints(),
        trail.notes(),
        trail.shadows(),
        refusal == null ? Clue.none() : refusal.clue());
  }

  /** The same verdict with that finding in place of the one of its step; unchanged for null. */
  Verdict withStep(@Nullable Finding finding) {
    if (finding == null) {
      return this;
    }
    List<Finding> replaced =
        steps.stream().map(step -> step.step() == finding.step() ? finding : step).toList();
    return with(reason, authentic, replaced, hints, notes, shadowRules);
  }

  /**
   * The verdict if no record of the evaluation could be kept: refused, whatever the result was.
   * Only operators see that result.
   *
   * @param why the caller is refused
   */
  Verdict unrecorded(RefusalReason why) {
    String cameTo = reason == null ? "accepted" : reason.name();
    List<String> all = new ArrayList<>(notes);
    all.add("came to " + cameTo + ", and is refused because its audit record could not be written");
    return with(why, false, steps, List.of(), List.copyOf(all), shadowRules);
  }

  /** The verdict with further facts for operators. */
  public Verdict withNotes(List<String> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(notes);
    all.addAll(more);
    return with(reason, authentic, steps, hints, List.copyOf(all), shadowRules);
  }

  public boolean accepted() {
    return reason == null;
  }

  /** Whether it was refused unjudged, so that there is nothing more to see. */
  public boolean isShed() {
    return !accepted()
        && steps.stream()
            .anyMatch(step -> step.step() == Step.ADMISSION && step.result() == Result.FAILED);
  }

  /**
   * The part of the verdict that a reader may see. A stranger, and a caller with an unverified
   * credential, sees reason and id, and what is wrong with the form of what it sent. A known caller
   * with a verified credential also sees its own claims and what the failed step expected.
   */
  public Verdict disclosedTo(Reader reader) {
    return switch (reader) {
      case OPERATOR -> this;
      case CALLER -> authentic ? ownClaims() : reasonOnly();
    };
  }

  // The sender knows the shape of its request, its client, its credential and its proof. These
  // steps compare with fixed rules alone, so they are no secret: any reader sees them.
  private Verdict reasonOnly() {
    List<Finding> shape =
        steps.stream()
            .filter(step -> SHAPE.contains(step.step()))
            .filter(step -> step.result() == Result.FAILED)
            .toList();
    // From an empty trail, so that the result shows only what is named here.
    return of(id, evaluationTime, intent, "", target, new Trail())
        .with(reason, false, shape, shape.isEmpty() ? List.of() : hints, List.of(), List.of());
  }

  private Verdict ownClaims() {
    List<Finding> shown =
        steps.stream()
            .map(step -> step.result() == Result.PASSED ? withoutExpectation(step) : step)
            .toList();
    return with(reason, true, shown, hints, List.of(), List.of());
  }

  /** The same evaluation by the same rule, with other details. */
  private Verdict with(
      @Nullable RefusalReason reason,
      boolean authentic,
      List<Finding> steps,
      List<String> hints,
      List<String> notes,
      List<ShadowFinding> shadowRules) {
    return new Verdict(
        id,
        evaluationTime,
        intent,
        reason,
        federationRevision,
        issuer,
        client,
        rule,
        ruleFile,
        target,
        authentic,
        steps,
        hints,
        notes,
        shadowRules,
        clue);
  }

  private static Finding withoutExpectation(Finding step) {
    return new Finding(step.step(), step.result(), "", step.seen(), step.nanos());
  }
}
