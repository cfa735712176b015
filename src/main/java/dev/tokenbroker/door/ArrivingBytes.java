package dev.tokenbroker.door;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes held of requests that have not arrived whole, by either door: {@value #MOST} at most,
 * so that those who send slowly fill no memory. Safe for use by several event loops; never waits.
 */
@Singleton
public final class ArrivingBytes {

  public static final long MOST = 64L * 1024 * 1024;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  @Inject
  ArrivingBytes() {
    this(MOST);
  }

  public ArrivingBytes(long most) {
    this.most = most;
  }

  /**
   * Some more have arrived, and are held until they are {@linkplain #letGo let go}.
   *
   * @return whether they are not too many; else their request is to be refused
   */
  public boolean hold(int bytes) {
    return held.addAndGet(bytes) <= most;
  }

  /** A request has arrived whole, or was ended. */
  public void letGo(long bytes) {
    held.addAndGet(-bytes);
  }

  /** How many are held. */
  public long held() {
    return held.get();
  }
}
