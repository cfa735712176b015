package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.util.Set;

/** Refusals and changes whose evidence fits: of the key {@code a} and of the target {@code pay}. */
final class TestEvidence {

  static final Clue KEY = Clue.of("a");

  /** Each peer uses the TLS configuration {@code corp}. */
  static final Causes CAUSES = new Causes(_ -> Set.of("tls corp"));

  private TestEvidence() {}

  /** A proved refusal of an issuer. */
  static RefusalEvidence of(String issuer, RefusalReason reason) {
    return of(new RefusedPeer(SubjectKind.ISSUER, issuer), reason, true);
  }

  static RefusalEvidence of(RefusedPeer peer, RefusalReason reason, boolean proved) {
    boolean ofKey = reason.name().startsWith("KEY_") || reason == RefusalReason.SIGNATURE_INVALID;
    return new RefusalEvidence(
        peer, reason, proved, "pay", "", "", ofKey && proved ? Clue.signed("a") : Clue.none());
  }

  /** A key that is gone. */
  static Change removed(String issuer) {
    return Change.ofIssuer(ChangeKind.KEY_REMOVED, issuer, "kid a", "").with(KEY);
  }
}
