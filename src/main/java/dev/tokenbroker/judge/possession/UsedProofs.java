package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.outcome.Pushback;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.possession.ReplayWindow.WindowFinding;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import dev.tokenbroker.peers.store.StoreClaim;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
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
  private final InstantSource clock;

  public UsedProofs(DpopSettings settings, SharedStore store, Clocks clock) {
    this.window = new ReplayWindow(settings, clock::nanoTime);
    this.store = store;
    this.retention = ReplayWindow.retention(settings);
    this.noncesProve = settings.nonceRequired();
    this.clock = clock;
  }

  /** Marks a good proof as used. Returns a refusal if it may have been used before. */
  Optional<Refusal> take(DpopProof proof) {
    WindowFinding finding = window.take(proof.thumbprint(), proof.id(), proof.issueTime());
    if (finding != WindowFinding.FRESH) {
      return refusal(finding, proof);
    }
    return switch (claim(proof)) {
      case StoreClaim.Mine _ -> Optional.empty();
      case StoreClaim.Held _, StoreClaim.Undecided _ ->
          repeated(); // this replica knows it now, too
      case StoreClaim.Unavailable _ -> {
        if (!noncesProve) {
          window.giveBack(proof.thumbprint(), proof.id());
        }
        yield unavailable();
      }
    };
  }

  /** Returns the refusal that {@link #take} would return, without using the proof. */
  Optional<Refusal> look(DpopProof proof) {
    return seen(proof)
        .or(
            () ->
                store
                    .look(StoreKind.PROOF, idOf(proof))
                    .flatMap(
                        denied ->
                            switch (denied) {
                              case StoreClaim.Held _, StoreClaim.Undecided _ -> repeated();
                              case StoreClaim.Unavailable _ -> unavailable();
                            }))
        .or(() -> mayBeForgotten(proof) ? unavailable() : Optional.empty());
  }

  /** As {@link #look}, by what this process knows alone. */
  Optional<Refusal> seen(DpopProof proof) {
    return refusal(window.look(proof.thumbprint(), proof.id(), proof.issueTime()), proof);
  }

  private StoreClaim claim(DpopProof proof) {
    if (mayBeForgotten(proof)) {
      return new StoreClaim.Unavailable();
    }
    StoreClaim claim = store.claim(StoreKind.PROOF, idOf(proof), retention.plus(store.maxSkew()));
    // The claim may have shown the loss. It stays: the caller comes back with a new proof.
    return mayBeForgotten(proof) ? new StoreClaim.Unavailable() : claim;
  }

  /** Whether the store may have lost the claim of the proof. */
  private boolean mayBeForgotten(DpopProof proof) {
    return store
        .lost(StoreKind.PROOF)
        .map(lost -> lost.plus(store.maxSkew()))
        .filter(lost -> !proof.issueTime().isAfter(lost) || !clock.instant().isAfter(lost))
        .isPresent();
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

  private Optional<Refusal> unavailable() {
    return noncesProve
        ? Optional.empty()
        : Optional.of(
            Refusal.of(RefusalReason.STORE_UNAVAILABLE)
                .expected("a jti that was not used before")
                .seen("no answer of the store that knows"));
  }

  /** A thumbprint always has the same length, so that no two proofs have the same id. */
  private static String idOf(DpopProof proof) {
    return proof.thumbprint() + proof.id();
  }
}
