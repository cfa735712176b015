package dev.tokenbroker.base.refusal;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The findings of one evaluation, step by step. The steps write them as they go; readers use them
 * when the evaluation has ended.
 *
 * <p>Only the evaluating thread writes; any other thread may call {@link #soFar()} meanwhile. A
 * step costs an uncontended lock and a few stores, since evidence is kept as it is and cleaned only
 * when it is read.
 */
public final class Trail {

  /** The most shadow findings that a trail keeps. */
  public static final int MAX_SHADOWS = 32;

  private static final Map<Step, Finding> SKIPPED =
      Step.all().stream()
          .collect(
              Collectors.toMap(
                  step -> step,
                  step -> new Finding(step, Result.SKIPPED, "", "", 0),
                  (one, _) -> one,
                  () -> new EnumMap<>(Step.class)));

  private final Map<Step, Finding> findings = new EnumMap<>(Step.class);
  private final List<String> notes = new ArrayList<>(0);
  private List<ShadowFinding> shadows = List.of();
  private long markNanos;
  private boolean authentic;
  private boolean stranger;
  private @Nullable String issuer;
  private @Nullable String rule;
  private @Nullable String client;
  private @Nullable Step begun;
  private @Nullable Supplier<String> awaited;
  private @Nullable Step failed;
  private @Nullable Refusal refusal;
  private @Nullable SignedClaims signed;

  /** Made by the first read after a change: the trail of a cached token is read at each hit. */
  private @Nullable List<Finding> readFindings;

  private @Nullable List<String> readNotes;

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
   * One step that has ended.
   *
   * @param nanos time since the step before it ended, in nanoseconds; zero if skipped
   */
  public record Finding(Step step, Result result, String expected, String seen, long nanos) {

    private Finding cleaned() {
      String cleanExpected = Evidence.clean(expected);
      String cleanSeen = Evidence.clean(seen);
      return cleanExpected.equals(expected) && cleanSeen.equals(seen)
          ? this
          : new Finding(step, result, cleanExpected, cleanSeen, nanos);
    }
  }

  /** Records that a check passed. */
  public synchronized void passed(Step step, String expected, String seen) {
    record(step, Result.PASSED, expected, seen);
    if (step == Step.SIGNATURE) {
      authentic = true;
    }
  }

  /** Records that an earlier evaluation found the credential authentic. */
  public synchronized void authenticated() {
    authentic = true;
  }

  /** Keeps the claims that the issuer signed. */
  public synchronized void signed(SignedClaims claims) {
    signed = claims;
  }

  /** Says whether the credential counts as a stranger's, even if its signature is the issuer's. */
  public synchronized void stranger(boolean unknown) {
    stranger = unknown;
  }

  /** Records that a check failed, which ends the evaluation. */
  public synchronized <T> Outcome<T> refuse(Step step, Refusal why) {
    record(step, Result.FAILED, why.expected(), why.seen());
    failed = step;
    refusal = why;
    why.notes().forEach(this::note);
    return Outcome.refused(why);
  }

  /**
   * Keeps a note for operators that decided nothing, such as a rule that was tried or a stale key.
   */
  public synchronized void note(String note) {
    if (notes.size() < 32) {
      notes.add(note);
      readNotes = null;
    }
  }

  /** Keeps what a shadow rule would do. Findings beyond {@value #MAX_SHADOWS} are dropped. */
  public synchronized void shadow(ShadowFinding finding) {
    if (shadows.size() < MAX_SHADOWS) {
      shadows = Stream.concat(shadows.stream(), Stream.of(finding)).toList();
    }
  }

  /** Keeps what shadow rules would do according to an earlier evaluation. */
  public synchronized void shadows(List<ShadowFinding> findings) {
    shadows = List.copyOf(findings);
  }

  /** Names the trusted issuer, by its name in the federation document. */
  public synchronized void issuer(String name) {
    issuer = name;
  }

  /** Names the client of the request, which has proved itself. */
  public synchronized void client(String name) {
    client = name;
    record(Step.CLIENT, Result.PASSED, "", name);
  }

  /** Names the rule that decides. */
  public synchronized void rule(String name) {
    rule = name;
  }

  /** A copy of what is known so far, which the evaluation does not change further. */
  public synchronized Trail soFar() {
    Trail copy = new Trail();
    copy.findings.putAll(findings);
    copy.notes.addAll(notes);
    copy.shadows = shadows;
    copy.markNanos = markNanos;
    copy.authentic = authentic;
    copy.stranger = stranger;
    copy.signed = signed;
    copy.issuer = issuer;
    copy.rule = rule;
    copy.client = client;
    copy.begun = begun;
    copy.awaited = awaited;
    copy.failed = failed;
    copy.refusal = refusal;
    return copy;
  }

  /** A copy of the findings before that step. */
  public synchronized Trail before(Step step) {
    Trail copy = soFar();
    copy.findings.keySet().removeIf(taken -> taken.compareTo(step) >= 0);
    copy.begun = null;
    copy.awaited = null;
    copy.failed = null;
    copy.refusal = null;
    return copy;
  }

  /** Says which step is next, if it is not the one after the last. */
  public synchronized void begin(Step step) {
    begun = step;
  }

  /**
   * Names what the step under way may wait for.
   *
   * @param what tells it when a reader asks; empty for nothing. Any thread may call it.
   */
  public synchronized void awaits(Supplier<String> what) {
    awaited = what;
  }

  /** What the step under way waits for now; empty if that is not known. */
  public String awaited() {
    Supplier<String> what;
    synchronized (this) {
      what = awaited;
    }
    return what == null ? "" : what.get();
  }

  /** The step that is under way, or the one that ended the evaluation. */
  public synchronized Step underWay() {
    if (failed != null) {
      return failed;
    }
    Step next = Step.all().getLast();
    for (Step step : Step.all().reversed()) {
      if (step == begun || findings.containsKey(step)) {
        return step == begun && !findings.containsKey(step) ? step : next;
      }
      next = step;
    }
    return next;
  }

  /** All steps in order; steps not taken are skipped. Unmodifiable. */
  public synchronized List<Finding> findings() {
    if (readFindings == null) {
      readFindings = Step.all().stream().map(this::finding).toList();
    }
    return readFindings;
  }

  private Finding finding(Step step) {
    Finding taken = findings.get(step);
    return taken == null ? Objects.requireNonNull(SKIPPED.get(step)) : taken.cleaned();
  }

  public synchronized List<String> notes() {
    if (readNotes == null) {
      readNotes = notes.isEmpty() ? List.of() : notes.stream().map(Evidence::clean).toList();
    }
    return readNotes;
  }

  /** What shadow rules would do, in the order of the document. Unmodifiable. */
  public synchronized List<ShadowFinding> shadows() {
    return shadows;
  }

  /** Whether the signature is known to be the issuer's, and the credential no stranger's. */
  public synchronized boolean authentic() {
    return authentic && !stranger;
  }

  public synchronized @Nullable String issuer() {
    return issuer;
  }

  /** The client of the request; null if none has proved itself. */
  public synchronized @Nullable String client() {
    return client;
  }

  public synchronized @Nullable String rule() {
    return rule;
  }

  /** The step that ended the evaluation, if one did. */
  public synchronized @Nullable Step failed() {
    return failed;
  }

  public synchronized @Nullable Refusal refusal() {
    return refusal;
  }

  /** The claims that the issuer signed; null if the signature is not verified. */
  public synchronized @Nullable SignedClaims signed() {
    return signed;
  }

  /** The claims of a credential for another audience that the issuer signed; null for any other. */
  public synchronized @Nullable SignedClaims misdirected() {
    return failed == Step.AUDIENCE ? signed : null;
  }

  private void record(Step step, Result result, String expected, String seen) {
    long now = System.nanoTime();
    findings.put(step, new Finding(step, result, expected, seen, now - markNanos));
    awaited = null;
    readFindings = null;
    markNanos = now;
  }
}
