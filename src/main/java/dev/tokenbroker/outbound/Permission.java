package dev.tokenbroker.outbound;

import org.jspecify.annotations.Nullable;

/**
 * Permission for one attempt, given by {@link AttemptLedger}. It is given back unused ({@code
 * cancel}), or used ({@code begin}, then {@code succeeded} or {@code failed}); either exactly once.
 */
final class Permission {

  /** The ground on which an attempt may be made. */
  enum Kind {
    /** No attempt for this key is under way, and none failed lately. */
    FIRST,
    /** The attempt finds out whether the peer is back. */
    PROBE,
    /** The attempt takes a token. */
    RETRY
  }

  private enum Step {
    GIVEN,
    BEGUN,
    OVER
  }

  private final Kind kind;
  private final FailedKeys.@Nullable Entry entry;
  private Step step = Step.GIVEN;

  /** The entry is null where the memory was full. */
  Permission(Kind kind, FailedKeys.@Nullable Entry entry) {
    this.kind = kind;
    this.entry = entry;
  }

  Kind kind() {
    return kind;
  }

  FailedKeys.@Nullable Entry entry() {
    return entry;
  }

  void begin() {
    advance(Step.GIVEN, Step.BEGUN);
  }

  void cancel() {
    advance(Step.GIVEN, Step.OVER);
  }

  void end() {
    advance(Step.BEGUN, Step.OVER);
  }

  private void advance(Step from, Step to) {
    if (step != from) {
      throw new IllegalStateException("a permission that is " + step + " cannot become " + to);
    }
    step = to;
  }
}
