package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
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
 * Calls the store twice a second: it looks at the epochs, reads the logs, uses each connection, and
 * ends the claims whose end the store did not take before. So a store that goes or comes is noticed
 * without a request, and a client that does not work is replaced. Bounded; safe for use by any
 * number of threads.
 */
final class StoreRounds implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(StoreRounds.class);
  private static final int MAX_PENDING = 10_000;
  private static final Duration EVERY = Duration.ofMillis(500);

  /** How long one round ends claims, so that many of them do not hold the thread. */
  private static final long ENDING_NANOS = Duration.ofMillis(500).toNanos();

  private final StoreAccess access;
  private final InstantSource clock;
  private final List<Runnable> parts = new CopyOnWriteArrayList<>();
  private final LinkedBlockingDeque<Owed> pending = new LinkedBlockingDeque<>(MAX_PENDING);
  private final Rounds rounds =
      new Rounds(StoreRounds.class, "store-rounds", "A round of the store failed");

  /**
   * The end of a claim that the store has not taken.
   *
   * @param until when the store forgets the claim by itself
   */
  private record Owed(StoreCall kind, Supplier<Request> end, Instant until) {}

  StoreRounds(StoreAccess access, InstantSource clock) {
    this.access = access;
    this.clock = clock;
  }

  void begin() {
    rounds.begin(Duration.ZERO, EVERY, this::round);
  }

  /** Takes a part of each round: one that looks at an epoch, or reads a log. */
  void add(Runnable part) {
    parts.add(part);
  }

  /** Takes a claim to give back. If there is no room, the claim stays until it ends. */
  void giveBack(StoreClaim.Mine claim) {
    owe(StoreCall.WRITE, claim, () -> ValkeyScripts.giveBack(claim.written()));
  }

  /** Takes a claim to confirm. If there is no room, others are unsure of it for some minutes. */
  void confirm(StoreClaim.Mine claim) {
    owe(StoreCall.CLAIM, claim, () -> ValkeyScripts.confirm(claim.written(), claim.confirmed()));
  }

  private void owe(StoreCall kind, StoreClaim.Mine claim, Supplier<Request> end) {
    if (!pending.offerLast(new Owed(kind, end, claim.until()))) {
      LOG.warn("Too many claims wait for the store; one stays as it is until it ends");
    }
  }

  // A part that fails must not keep the others from their turn.
  private void round() {
    boolean _ = rounds.part(access::mend);
    boolean _ = rounds.part(this::probeClaims);
    parts.forEach(rounds::part);
    boolean _ = rounds.part(this::endPending);
  }

  /** Finds out whether a server that refused claims takes them again: one that is full may. */
  private void probeClaims() {
    if (access.health().status().problems().containsKey(StoreCall.CLAIM)) {
      StoreNames names = access.names(StoreKind.CREDENTIAL, ""); // no credential has that name
      StoredValue probe = names.seal(clock.instant(), new byte[0]).getFirst();
      access.call(StoreCall.CLAIM, List.of(ValkeyScripts.put(probe, EVERY)));
    }
  }

  private void endPending() {
    long began = System.nanoTime();
    for (Owed next = pending.peekFirst();
        next != null && System.nanoTime() - began < ENDING_NANOS;
        next = pending.peekFirst()) {
      if (clock.instant().isBefore(next.until())
          && access.call(next.kind(), List.of(next.end().get())) instanceof StoreReply.Away) {
        return;
      }
      pending.pollFirst();
    }
  }

  /** Makes no more calls; claims that are left end with their time to live. */
  @Override
  public void close() {
    rounds.close();
  }
}
