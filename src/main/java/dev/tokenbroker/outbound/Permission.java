package dev.tokenbroker.outbound;

import org.jspecify.annotations.Nullable;

/**
 * Permission for one attempt, given by {@link AttemptLedger}. It is given back unused ({@code
 * cancel}), or used ({@code begin}, then {@code succeeded} or {@code failed}); either exactly once.
 */
final class Permission {

  /** The ground on which an attempt may be made. */
  enum PermissionKind {
    /** No attempt for this key is under way, and none failed lately. */
    FIRST,
    /** The attempt finds out whether the peer is back. */
    PROBE,
    /** The attempt takes a token. */
    RETRY
  }

  private enum PermissionStep {
    GIVEN,
    BEGUN,
    OVER
  }

  private final PermissionKind kind;
  private final FailedKeys.@Nullable FailedKey entry;
  private PermissionStep step = PermissionStep.GIVEN;

  /** The entry is null where the memory was full. */
  Permission(PermissionKind kind, FailedKeys.@Nullable FailedKey entry) {
    this.kind = kind;
    this.entry = entry;
  }

  PermissionKind kind() {
    return kind;
  }

  FailedKeys.@Nullable FailedKey entry() {
    return entry;
  }

  void begin() {
    advance(PermissionStep.GIVEN, PermissionStep.BEGUN);
  }

  void cancel() {
    advance(PermissionStep.GIVEN, PermissionStep.OVER);
  }

  void end() {
    advance(PermissionStep.BEGUN, PermissionStep.OVER);
  }

  private void advance(PermissionStep from, PermissionStep to) {
    if (step != from) {
      throw new IllegalStateException("a permission that is " + step + " cannot become " + to);
    }
    step = to;
  }
}
