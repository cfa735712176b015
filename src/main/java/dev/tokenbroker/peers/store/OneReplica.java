package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The store of a broker that shares nothing. It keeps nothing: callers look into the memory of the
 * process before they ask the store, and there is no other memory.
 */
public final class OneReplica implements SharedStore {

  @Override
  public StoreClaim claim(ClaimedName name) {
    return StoreClaim.Mine.unshared(name.kind(), Instant.MAX);
  }

  @Override
  public void confirm(StoreClaim.Mine claim) {
    // Its own memory has it already.
  }

  @Override
  public void giveBack(StoreClaim.Mine claim) {
    // Its own memory has it back.
  }

  @Override
  public Optional<StoreClaim.Denied> look(ClaimedName name) {
    return Optional.empty();
  }

  @Override
  public StoreLog listen(LogKind kind, StoreLog.LogListener listener) {
    return new OwnLog();
  }

  /** A log with one writer, who knows what it writes. */
  private static final class OwnLog implements StoreLog {

    @Override
    public boolean announce(LogEntry entry) {
      return true;
    }

    @Override
    public Duration silence() {
      return Duration.ZERO;
    }

    @Override
    public boolean awaitRead(Duration most) {
      return true;
    }

    @Override
    public boolean shared() {
      return false;
    }
  }
}
