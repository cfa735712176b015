package dev.tokenbroker.outcome;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one evaluation found, step by step: written by the steps as they go, read when the
 * evaluation has ended.
 *
 * <p>Confined to the evaluation that made it; not safe for use by several threads. It costs a few
 * stores a step, since evidence is kept as it is and cleaned only when it is read.
 */
public final class Trail {

  private final Map<Step, Finding> findings = new EnumMap<>(Step.class);
  private final List<String> notes = new ArrayList<>(0);
  private long markNanos;
  private boolean authentic;
  private @Nullable String issuer;
  private @Nullable String rule;
  private @Nullable Step failed;
  private @Nullable Refusal refusal;

  public Trail() {
    this.markNanos = System.nanoTime();
  }

  /** How a step ended. */
  public enum Result {
    PASSED,
    FAILED,
    SKIPPED
  }

  /**
   * One step as it ended.
   *
   * @param nanos time since the step before it ended, in nanoseconds; zero where skipped
   */
  public record Finding(Step step, Result result, String expected, String seen, long nanos) {}

  /** Records that a check held. */
  public void passed(Step step, String expected, String seen) {
    record(step, Result.PASSED, expected, seen);
    if (step == Step.SIGNATURE) {
      authentic = true;
    }
  }

  /** Records that a check did not hold, which ends the evaluation. */
  public <T> Outcome<T> refuse(Step step, Refusal why) {
    record(step, Result.FAILED, why.expected(), why.seen());
    failed = step;
    refusal = why;
    return Outcome.refused(why);
  }

  /**
   * Keeps something worth telling an operator that decided nothing: a rule that was tried, a key
   * that is stale.
   */
  public void note(String note) {
    if (notes.size() < 32) {
      notes.add(note);
    }
  }

  /** Names the trusted issuer, by its name in the federation document. */
  public void issuer(String name) {
    issuer = name;
  }

  /** Names the rule that decides. */
  public void rule(String name) {
    rule = name;
  }

  /** All steps in order; those not taken are skipped. */
  public List<Finding> findings() {
    List<Finding> all = new ArrayList<>(Step.all().size());
    for (Step step : Step.all()) {
      Finding finding = findings.get(step);
      all.add(
          finding == null
              ? new Finding(step, Result.SKIPPED, "", "", 0)
              : new Finding(
                  step,
                  finding.result(),
                  Evidence.clean(finding.expected()),
                  Evidence.clean(finding.seen()),
                  finding.nanos()));
    }
    return all;
  }

  public List<String> notes() {
    return notes.stream().map(Evidence::clean).toList();
  }

  /** Whether the signature was found to be the issuer's. */
  public boolean authentic() {
    return authentic;
  }

  public @Nullable String issuer() {
    return issuer;
  }

  public @Nullable String rule() {
    return rule;
  }

  /** The step that ended the evaluation, if one did. */
  public @Nullable Step failed() {
    return failed;
  }

  public @Nullable Refusal refusal() {
    return refusal;
  }

  private void record(Step step, Result result, String expected, String seen) {
    long now = System.nanoTime();
    findings.put(step, new Finding(step, result, expected, seen, now - markNanos));
    markNanos = now;
  }
}
