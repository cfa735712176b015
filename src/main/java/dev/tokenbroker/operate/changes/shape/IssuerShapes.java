package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.operate.changes.shape.WatchedClaims.WatchedIssuer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The known shapes of the watched claims of one issuer. Confined to one thread. */
final class IssuerShapes {

  private final ChangeListener changes;
  private final Map<ClaimPath, LearnedShapes> learned = new HashMap<>();
  private String lastDigest = "";

  IssuerShapes(ChangeListener changes) {
    this.changes = changes;
  }

  /**
   * Learns the shapes of one credential, and reports those that are changes. The same credential
   * again, such as that of a caller that retries, teaches nothing.
   *
   * @param digest tells credentials apart
   * @param refused whether the audiences or the rules refuse it
   */
  void see(
      WatchedIssuer issuer,
      Map<String, Object> claims,
      String digest,
      boolean refused,
      long nanos) {
    if (digest.equals(lastDigest)) {
      return;
    }
    lastDigest = digest;
    for (WatchedClaim claim : issuer.claims()) {
      ClaimShape shape = claim.shape(claims);
      learned
          .computeIfAbsent(claim.path(), _ -> new LearnedShapes(nanos))
          .see(shape, refused, nanos)
          .ifPresent(was -> changes.changed(change(issuer, claim, was, shape)));
    }
  }

  private static Change change(
      WatchedIssuer issuer, WatchedClaim claim, ClaimShape was, ClaimShape is) {
    return Change.ofIssuer(
            ChangeKind.CLAIM_SHAPE_CHANGED,
            issuer.identifier(),
            claim.label() + ": " + was.label(),
            claim.label() + ": " + is.label() + " (" + claim.readers() + ")")
        .of(issuer.entry())
        .with(claim.clue());
  }

  /** Forgets claims that are no longer watched. */
  void keepOnly(WatchedIssuer issuer) {
    Set<ClaimPath> watched = new HashSet<>();
    issuer.claims().forEach(claim -> watched.add(claim.path()));
    learned.keySet().retainAll(watched);
  }
}
