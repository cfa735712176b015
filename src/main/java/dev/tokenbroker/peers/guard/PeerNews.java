package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.StateLog;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.http.Peer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs when a guarded peer begins to fail and when it works again, and when its circuit opens and
 * closes. A peer fails if an attempt fails or if it refuses the broker as its client. Safe for use
 * by several threads.
 */
public final class PeerNews {

  private final Peer peer;
  private final String words;
  private final ChangeListener changes;
  private final StateLog failures;
  private final StateLog circuit;

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  public PeerNews(Peer peer, LongSupplier nanoTime, ChangeListener changes) {
    this.peer = peer;
    this.words = peer.kind().label().replace('-', ' ') + " " + peer.name();
    this.changes = changes;
    this.failures = new StateLog(PeerNews.class, StateLog.QUIET, nanoTime);
    this.circuit = new StateLog(PeerNews.class);
  }

  /** Takes the end of an attempt: its failure, or null if the peer answered. */
  public void attempted(@Nullable Refusal failure) {
    if (failure == null) {
      failures.ends(words, () -> capitalized() + " works again");
    } else if (failure.reason() != RefusalReason.DEADLINE_EXCEEDED) {
      failures.begins(
          words,
          "failing",
          () -> capitalized() + " fails: " + failure.reason() + ", " + failure.seen());
    }
  }

  /** Takes the state of the circuit after a call. */
  public void circuit(CircuitState state) {
    if (state != CircuitState.CLOSED) {
      if (circuit.begins(words, "open", () -> "The circuit of " + words + " is open")) {
        changed(ChangeKind.CIRCUIT_OPENED, "closed", "open");
      }
    } else if (circuit.ends(words, () -> "The circuit of " + words + " is closed again")) {
      changed(ChangeKind.CIRCUIT_CLOSED, "open", "closed");
    }
  }

  private void changed(ChangeKind kind, String was, String is) {
    changes.changed(new Change(kind, peer.kind(), peer.name(), was, is));
  }

  private String capitalized() {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}
