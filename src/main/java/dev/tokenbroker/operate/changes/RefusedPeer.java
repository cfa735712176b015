package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.SubjectKind;
import org.jspecify.annotations.Nullable;

/**
 * The issuer or upstream that refusals are counted for.
 *
 * @param kind {@link SubjectKind#ISSUER} or {@link SubjectKind#UPSTREAM}
 * @param name its name in the federation document
 */
record RefusedPeer(SubjectKind kind, String name) {

  /** The name for refusals before an issuer was found. */
  static final String NONE = "none";

  /** The upstream for reasons that are about it, else the issuer. */
  static RefusedPeer of(RefusalReason reason, @Nullable String issuer, @Nullable String upstream) {
    return upstream != null && reason.name().startsWith("UPSTREAM_")
        ? new RefusedPeer(SubjectKind.UPSTREAM, upstream)
        : new RefusedPeer(SubjectKind.ISSUER, issuer == null ? NONE : issuer);
  }
}
