package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.http.Peer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs when a guarded peer begins to fail and when it works again, and when its circuit opens and
 * closes: one line for each change, however many callers there are. Safe for use by several
 * threads.
 *
 * <p>A peer fails if an attempt fails or if it refuses the broker as its client. It works again
 * with the first success at least {@link #QUIET} after the last failure. So a peer that fails now
 * and then leaves two lines, not two for each failure.
 */
public final class PeerNews {

  /** How long a peer must not have failed to count as working again. */
  public static final Duration QUIET = Duration.ofSeconds(10);

  private static final System.Logger LOG = System.getLogger(PeerNews.class.getName());

  private final Peer peer;
  private final String words;
  private final LongSupplier nanoTime;
  private final ChangeListener changes;
  private volatile boolean failing;
  private volatile boolean open;
  private long failedNanos;

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  public PeerNews(Peer peer, LongSupplier nanoTime, ChangeListener changes) {
    this.peer = peer;
    this.words = peer.kind().label().replace('-', ' ') + " " + peer.name();
    this.nanoTime = nanoTime;
    this.changes = changes;
  }

  /** Takes the end of an attempt: its failure, or null if the peer answered. */
  public void attempted(@Nullable Refusal failure) {
    if (failure == null) {
      worked();
    } else if (failure.reason() != RefusalReason.DEADLINE_EXCEEDED) {
      failed(failure);
    }
  }

  /** Takes the state of the circuit after a call. */
  public void circuit(CircuitState state) {
    boolean opened = state != CircuitState.CLOSED;
    if (opened != open) {
      turned(opened);
    }
  }

  private synchronized void failed(Refusal failure) {
    failedNanos = nanoTime.getAsLong();
    if (!failing) {
      failing = true;
      LOG.log(Level.WARNING, capitalized() + " fails: " + failure.reason() + ", " + failure.seen());
    }
  }

  private void worked() {
    if (failing) {
      recovered();
    }
  }

  private synchronized void recovered() {
    if (failing && nanoTime.getAsLong() - failedNanos >= QUIET.toNanos()) {
      failing = false;
      LOG.log(Level.INFO, capitalized() + " works again");
    }
  }

  private synchronized void turned(boolean opened) {
    if (opened != open) {
      open = opened;
      LOG.log(
          opened ? Level.WARNING : Level.INFO,
          "The circuit of " + words + (opened ? " is open" : " is closed again"));
      changes.changed(
          opened
              ? change(ChangeKind.CIRCUIT_OPENED, "closed", "open")
              : change(ChangeKind.CIRCUIT_CLOSED, "open", "closed"));
    }
  }

  private Change change(ChangeKind kind, String was, String is) {
    return new Change(kind, peer.kind(), peer.name(), was, is);
  }

  private String capitalized() {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}
