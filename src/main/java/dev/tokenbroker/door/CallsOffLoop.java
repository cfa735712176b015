package dev.tokenbroker.door;

import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The calls that are not answered in the turn of the event loop in which they come: on threads of
 * their own, or for as long as somebody watches. There are so many of each kind at most: what comes
 * while there are as many is sent away before it is looked at, so that a flood of them holds
 * bounded memory. Safe for use by any number of threads; never waits.
 */
@Singleton
public final class CallsOffLoop {

  /** Kinds of calls, none of which shuts out another. */
  public enum Kind {
    /** Those that wait for the keys of issuers, and may bring a message of 256 KiB. */
    EXPLANATION(128),
    /** Introspections and revocations, which strangers may send, too. */
    LIFECYCLE(128),
    /** Watches of health, which end with their callers, and each may have an address of 8 KiB. */
    WATCH(512),
    /** Requests for verdicts, which the framework's workers answer, a few at a time. */
    VERDICT(16),
    /** Those for meters, which those workers answer, too. */
    METERS(16);

    private final int most;

    Kind(int most) {
      this.most = most;
    }

    /** How many may be under way. */
    public int most() {
      return most;
    }
  }

  private final Map<Kind, AtomicInteger> underWay = new EnumMap<>(Kind.class);
  private final Map<Kind, LongAdder> refused = new EnumMap<>(Kind.class);

  public CallsOffLoop() {
    for (Kind kind : Kind.values()) {
      underWay.put(kind, new AtomicInteger());
      refused.put(kind, new LongAdder());
    }
  }

  /** Lets one in, which must leave once; false where there are too many. */
  public boolean enter(Kind kind) {
    if (underWay(kind).incrementAndGet() <= kind.most) {
      return true;
    }
    leave(kind);
    refused(kind).increment();
    return false;
  }

  /** One that was let in has ended. */
  public void leave(Kind kind) {
    underWay(kind).decrementAndGet();
  }

  /** Those sent away since the start. */
  public long sentAway(Kind kind) {
    return refused(kind).sum();
  }

  private LongAdder refused(Kind kind) {
    return Objects.requireNonNull(refused.get(kind));
  }

  private AtomicInteger underWay(Kind kind) {
    return Objects.requireNonNull(underWay.get(kind));
  }
}
