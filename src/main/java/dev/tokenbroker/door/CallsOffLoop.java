package dev.tokenbroker.door;

import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls that are answered on threads of their own, of which there are so many of each kind at
 * most: what comes while there are as many is sent away before it is looked at, so that a flood of
 * them holds bounded memory. Safe for use by any number of threads; never waits.
 */
@Singleton
public final class CallsOffLoop {

  /** Kinds of calls, none of which shuts out another. */
  public enum Kind {
    /** Those that wait for the keys of issuers, and may bring a message of 256 KiB. */
    EXPLANATION(128),
    /** Introspections and revocations. */
    LIFECYCLE(1024);

    final int most;

    Kind(int most) {
      this.most = most;
    }
  }

  private final Map<Kind, AtomicInteger> underWay = new EnumMap<>(Kind.class);

  public CallsOffLoop() {
    for (Kind kind : Kind.values()) {
      underWay.put(kind, new AtomicInteger());
    }
  }

  /** Lets one in, which must leave once; false where there are too many. */
  public boolean enter(Kind kind) {
    if (underWay(kind).incrementAndGet() <= kind.most) {
      return true;
    }
    leave(kind);
    return false;
  }

  /** One that was let in has ended. */
  public void leave(Kind kind) {
    underWay(kind).decrementAndGet();
  }

  private AtomicInteger underWay(Kind kind) {
    return Objects.requireNonNull(underWay.get(kind));
  }
}
