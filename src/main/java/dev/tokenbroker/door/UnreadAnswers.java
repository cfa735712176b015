package dev.tokenbroker.door;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of answers that wait for their peers to take them, with the requests that they keep:
 * {@value #MOST} at most, so that those who ask and do not read fill no memory, and half of that
 * for one connection. Where all is taken, who has more than an even share of it is to go. Safe for
 * use by several event loops; never waits.
 */
@Singleton
public final class UnreadAnswers {

  public static final long MOST = 16L * 1024 * 1024;

  private static final int CONNECTIONS_THAT_FILL_IT = 2;

  /** What one connection has; confined to the event loop of the connection. */
  final class Share {

    private long bytes;

    private Share() {}

    /**
     * So many wait now.
     *
     * @return whether they are not too many; else the connection is to be closed
     */
    boolean hold(long now) {
      if (now == 0 && bytes == 0) {
        return true;
      }
      long ofAll = held.addAndGet(now - bytes);
      int sharing = connections.addAndGet(Long.signum(now) - Long.signum(bytes));
      bytes = now;
      return now <= most / CONNECTIONS_THAT_FILL_IT && (ofAll <= most || now * sharing <= most);
    }
  }

  private final long most;
  private final AtomicLong held = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();

  @Inject
  UnreadAnswers() {
    this(MOST);
  }

  UnreadAnswers(long most) {
    this.most = most;
  }

  /** For a connection that begins. */
  Share share() {
    return new Share();
  }

  /** How many wait. */
  public long held() {
    return held.get();
  }
}
