package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.refusal.Pushback;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.possession.ReplayWindow.WindowFinding;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.StoreClaim;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.peers.store.StoreClaim.Forgotten;
import dev.tokenbroker.peers.store.StoreClaim.Unavailable;
import dev.tokenbroker.peers.store.StoreKind;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Remembers the proofs that were used, for all replicas. It asks the memory of this process first,
 * then the store.
 *
 * <p>While the store does not answer, a proof with a nonce is accepted: the nonce makes it fresh,
 * and this replica accepts it once. Without nonces it is refused for now. Safe for use by any
 * number of threads; may wait for the store.
 */
@Singleton
public final class UsedProofs {

  private final ReplayWindow window;
  private final SharedStore store;
  private final Duration retention;
  private final boolean noncesProve;

  public UsedProofs(DpopSettings settings, SharedStore store, Clocks clock) {
    this.window = new ReplayWindow(settings, clock::nanoTime);
    this.store = store;
    this.retention = ReplayWindow.retention(settings);
    this.noncesProve = settings.nonceRequired();
  }

  /** Marks a good proof as used. Returns a refusal if it may have been used before. */
  Optional<Refusal> take(DpopProof proof, Holder holder) {
    WindowFinding finding = window.take(proof.thumbprint(), proof.id(), proof.issueTime(), holder);
    if (finding != WindowFinding.FRESH) {
      return refusal(finding, proof);
    }
    StoreClaim claim = store.claim(nameOf(proof));
    if (!noncesProve && (claim instanceof Unavailable || claim instanceof Forgotten)) {
      window.giveBack(proof.thumbprint(), proof.id());
    }
    return refusal(claim); // if another replica has it, this one knows it now, too
  }

  /** Returns the refusal that {@link #take} would return, without using the proof. */
  Optional<Refusal> look(DpopProof proof) {
    return seen(proof).or(() -> store.look(nameOf(proof)).flatMap(this::refusal));
  }

  /** As {@link #look}, by what this process knows alone. */
  Optional<Refusal> seen(DpopProof proof) {
    return refusal(window.look(proof.thumbprint(), proof.id(), proof.issueTime()), proof);
  }

  /** How many proofs this process remembers that have not expired. */
  int remembered() {
    return window.remembered();
  }

  /** The maximum of {@link #remembered}. */
  int limit() {
    return window.limit();
  }

  private Optional<Refusal> refusal(WindowFinding finding, DpopProof proof) {
    return switch (finding) {
      case FRESH -> Optional.empty();
      case REPEATED -> repeated();
      case FORGOTTEN ->
          Optional.of(
              Refusal.of(RefusalReason.DPOP_PROOF_OUT_OF_TIME)
                  .expected(
                      "iat after %s: those taken are forgotten up to there"
                          .formatted(window.forgottenUpTo()))
                  .seen("iat " + proof.issueTime())
                  .hint("The clock of this broker was ahead, and was set back."));
      case SHARE_USED_UP ->
          Optional.of(
              Refusal.of(RefusalReason.SHARE_USED_UP)
                  .expected("fewer DPoP proofs at a time of this caller, or of its issuer")
                  .retryAfter(Pushback.untilRoom(window.untilRoom(), ThreadLocalRandom.current())));
      case FULL ->
          Optional.of(
              Refusal.of(RefusalReason.DPOP_PROOFS_FULL)
                  .expected("fewer proofs at a time than token-broker.dpop.max-remembered")
                  .retryAfter(Pushback.untilRoom(window.untilRoom(), ThreadLocalRandom.current())));
    };
  }

  private static Optional<Refusal> repeated() {
    return Optional.of(
        Refusal.of(RefusalReason.DPOP_PROOF_REPLAYED)
            .expected("a jti that was not used before")
            .seen("one that was"));
  }

  private Optional<Refusal> refusal(StoreClaim claim) {
    return switch (claim) {
      case StoreClaim.Mine _ -> Optional.empty();
      case StoreClaim.Held _, StoreClaim.Undecided _ -> repeated();
      case Unavailable _, Forgotten _ ->
          Optional.of(
                  Refusal.of(RefusalReason.STORE_UNAVAILABLE)
                      .expected("a jti that was not used before")
                      .seen("no answer of the store that knows"))
              .filter(_ -> !noncesProve);
    };
  }

  /** A thumbprint always has the same length, so that no two proofs have the same id. */
  private ClaimedName nameOf(DpopProof proof) {
    String id = proof.thumbprint() + proof.id();
    return new ClaimedName(StoreKind.PROOF, id, proof.issueTime(), retention);
  }
}
