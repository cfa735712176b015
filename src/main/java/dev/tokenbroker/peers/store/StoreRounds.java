package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.time.Rounds;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Calls the store twice a second: it reads the logs, and ends the claims whose end the store did
 * not take before; without either, it asks whether the store is there. So a store that goes or
 * comes is noticed without a request, and a client that does not work is replaced. Bounded; safe
 * for use by any number of threads.
 */
final class StoreRounds implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(StoreRounds.class);
  private static final int MAX_PENDING = 10_000;
  private static final Duration EVERY = Duration.ofMillis(500);

  /** How long one round ends claims, so that many of them do not hold the thread. */
  private static final long ENDING_NANOS = Duration.ofMillis(500).toNanos();

  private final StoreAccess access;
  private final InstantSource clock;
  private final List<ValkeyLog> logs = new CopyOnWriteArrayList<>();
  private final LinkedBlockingDeque<Owed> pending = new LinkedBlockingDeque<>(MAX_PENDING);
  private final Rounds rounds =
      new Rounds(StoreRounds.class, "store-rounds", "A round of the store failed");

  /**
   * The end of a claim that the store has not taken.
   *
   * @param until when the store forgets the claim by itself
   */
  private record Owed(Supplier<Request> end, Instant until) {}

  StoreRounds(StoreAccess access, InstantSource clock) {
    this.access = access;
    this.clock = clock;
  }

  void begin() {
    rounds.begin(Duration.ZERO, EVERY, this::round);
  }

  /** Reads a log in each round from now on. */
  void read(ValkeyLog log) {
    logs.add(log);
  }

  /** Takes a claim to give back. If there is no room, the claim stays until it ends. */
  void giveBack(StoreClaim.Mine claim) {
    owe(claim, () -> ValkeyScripts.giveBack(claim.written()));
  }

  /** Takes a claim to confirm. If there is no room, others are unsure of it for some minutes. */
  void confirm(StoreClaim.Mine claim) {
    owe(claim, () -> ValkeyScripts.confirm(claim.written(), claim.confirmed()));
  }

  private void owe(StoreClaim.Mine claim, Supplier<Request> end) {
    if (!pending.offerLast(new Owed(end, claim.until()))) {
      LOG.warn("Too many claims wait for the store; one stays as it is until it ends");
    }
  }

  // A part that fails must not keep the others from their turn.
  private void round() {
    rounds.part(access::mend);
    logs.forEach(log -> rounds.part(log::round));
    rounds.part(this::endPending);
  }

  private void endPending() {
    if (pending.isEmpty() && logs.isEmpty()) {
      var _ = access.call(List.of(ValkeyScripts.ping()));
    }
    long began = System.nanoTime();
    for (Owed next = pending.peekFirst();
        next != null && System.nanoTime() - began < ENDING_NANOS;
        next = pending.peekFirst()) {
      if (clock.instant().isBefore(next.until())
          && access.call(List.of(next.end().get())) instanceof StoreReply.Away) {
        return;
      }
      var _ = pending.pollFirst();
    }
  }

  /** Makes no more calls; claims that are left end with their time to live. */
  @Override
  public void close() {
    rounds.close();
  }
}
