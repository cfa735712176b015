package dev.tokenbroker.door;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The bytes held of requests that have not arrived whole: {@value #MOST} at most at each door, so
 * that those who send slowly fill no memory, and shut no other door. Safe for use by several event
 * loops; never waits.
 */
@Singleton
public final class ArrivingBytes {

  public static final long MOST = 32L * 1024 * 1024;

  /** Where requests come in. */
  public enum Door {
    GRPC,
    HTTP
  }

  private final long most;
  private final Map<Door, AtomicLong> held = new EnumMap<>(Door.class);
  private final LongAdder refused = new LongAdder();

  @Inject
  ArrivingBytes() {
    this(MOST);
  }

  public ArrivingBytes(long most) {
    this.most = most;
    for (Door door : Door.values()) {
      held.put(door, new AtomicLong());
    }
  }

  /**
   * Some more have arrived, and are held until they are {@linkplain #letGo let go}.
   *
   * @return whether they are not too many; else their request is to be refused
   */
  public boolean hold(Door door, int bytes) {
    return at(door).addAndGet(bytes) <= most;
  }

  /** A request has arrived whole, or was ended. */
  public void letGo(Door door, long bytes) {
    at(door).addAndGet(-bytes);
  }

  /** How many are held. */
  public long held(Door door) {
    return at(door).get();
  }

  /** A request is refused for want of room. */
  public void refuse() {
    refused.increment();
  }

  /** Requests refused for want of room since the start. */
  public long refused() {
    return refused.sum();
  }

  private AtomicLong at(Door door) {
    return Objects.requireNonNull(held.get(door));
  }
}
