package dev.tokenbroker.door;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes held of requests over HTTP/2 that were answered before they had come whole, and whose
 * peers were told so, but may not have heard it yet: {@value #MOST} at most. Safe for use by
 * several event loops; never waits.
 */
@Singleton
final class CutOffRequests {

  static final long MOST = 8L * 1024 * 1024;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  @Inject
  CutOffRequests() {
    this(MOST);
  }

  CutOffRequests(long most) {
    this.most = most;
  }

  /** Holds so many more where there is room for them; else holds none. */
  boolean hold(long more) {
    if (held.addAndGet(more) <= most) {
      return true;
    }
    letGo(more);
    return false;
  }

  /** So many are held no longer. */
  void letGo(long some) {
    held.addAndGet(-some);
  }

  /** How many are held. */
  long held() {
    return held.get();
  }
}
