package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import dev.tokenbroker.peers.store.StoreClaim.Denied;
import dev.tokenbroker.peers.store.StoreEpoch.Held;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Claims of names in a Valkey or Redis server. */
final class ValkeyClaims {

  /*
   * The idea. A claim is a value that names the claimant, under one name by each key of the store.
   * While keys rotate, a replica with the old key alone and one with both meet at the name by the
   * old key. A script looks at all names and writes all values, or none.
   *
   * A value that no key authenticates counts as absent and may be replaced. So an attacker with the
   * password of the server can delete claims and put back old ones, but cannot make a claim.
   *
   * The caller of a claim whose answer is lost is refused, and the claim is given back as soon as
   * the store answers. Until then other replicas must not take it for a use. So a claim is open at
   * first, and others only hear that it is undecided; its claimant confirms it once it was used. A
   * claim that stays open, since its claimant died, counts as used after OPEN_FOR. The same replica
   * replaces an open claim of its own: its own memory would know it if it were not left over.
   */

  private static final Duration OPEN_FOR = Duration.ofMinutes(5);

  /** How often a claim meets foreign values that change meanwhile, before it gives up. */
  private static final int ATTEMPTS = 3;

  private final StoreAccess access;
  private final ReplicaWait wait;
  private final InstantSource clock;
  private final StoreRounds rounds;
  private final Map<StoreKind, StoreEpoch> epochs;
  private final Claimant claimant = new Claimant();

  /**
   * @param epochs of the kinds of claims whose loss would let a name be claimed twice
   */
  ValkeyClaims(
      StoreAccess access,
      ReplicaWait wait,
      InstantSource clock,
      StoreRounds rounds,
      Map<StoreKind, StoreEpoch> epochs) {
    this.access = access;
    this.wait = wait;
    this.clock = clock;
    this.rounds = rounds;
    this.epochs = epochs;
  }

  StoreClaim claim(StoreKind kind, String id, Duration ttl) {
    StoreNames names = access.names(kind, id);
    StoreClaim.Mine mine = mine(names, ttl);
    List<String> replaceable = names.texts().stream().map(_ -> "").toList();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<StoreEpoch> epoch = epoch(kind);
      Optional<Held> held = epoch.flatMap(StoreEpoch::current);
      if (epoch.isPresent() && held.isEmpty()) {
        return new StoreClaim.Unavailable();
      }
      List<Request> claim =
          wait.after(ValkeyScripts.claim(mine.written(), replaceable, ttl, held.orElse(null)));
      switch (access.placed(kind, () -> access.call(StoreCall.CLAIM, names, claim))) {
        case StoreReply.Away(boolean sent) -> {
          return unavailable(mine, sent);
        }
        case StoreReply.Answered(List<@Nullable Response> responses) -> {
          List<String> found = StoreAccess.texts(responses.getFirst());
          if (found.isEmpty()) {
            if (wait.tooFewHave(responses)) {
              return unavailable(mine, true);
            }
            if (kind == StoreKind.PROOF) { // stays at once, as nobody confirms it
              epoch(kind).ifPresent(of -> of.keep(mine));
            }
            return mine;
          }
          if (epoch.isPresent() && found.equals(mine.texts())) {
            var _ = epoch.get().settle(held.get());
            continue;
          }
          Optional<Denied> denied = denied(names, found, true);
          if (denied.isPresent()) {
            return denied.get();
          }
          replaceable = found;
        }
      }
    }
    return new StoreClaim.Unavailable();
  }

  /** Confirms the claim of a credential; no other kind is confirmed. */
  void confirm(StoreClaim.Mine claim) {
    epoch(StoreKind.CREDENTIAL).ifPresent(of -> of.keep(claim));
    Request confirm = ValkeyScripts.confirm(claim.written(), claim.confirmed());
    if (access.call(StoreCall.CLAIM, List.of(confirm)) instanceof StoreReply.Away) {
      rounds.confirm(claim);
    }
  }

  void giveBack(StoreClaim.Mine claim) {
    Request giveBack = ValkeyScripts.giveBack(claim.written());
    if (access.call(StoreCall.WRITE, List.of(giveBack)) instanceof StoreReply.Away) {
      rounds.giveBack(claim);
    }
  }

  Optional<Denied> look(StoreKind kind, String id) {
    if (epoch(kind).filter(of -> of.current().isEmpty()).isPresent()) {
      return Optional.of(new StoreClaim.Unavailable());
    }
    StoreNames names = access.names(kind, id);
    List<Request> look = List.of(ValkeyScripts.look(names.texts()));
    return switch (access.placed(kind, () -> access.call(StoreCall.READ, names, look))) {
      case StoreReply.Away _ -> Optional.of(new StoreClaim.Unavailable());
      case StoreReply.Answered(List<@Nullable Response> responses) ->
          denied(names, StoreAccess.texts(responses.getFirst()), false);
    };
  }

  private Optional<StoreEpoch> epoch(StoreKind kind) {
    return Optional.ofNullable(epochs.get(kind));
  }

  private StoreClaim.Mine mine(StoreNames names, Duration ttl) {
    Instant now = clock.instant();
    byte[] content = claimant.next();
    return new StoreClaim.Mine(
        names.seal(now, content), names.seal(now, Claimant.confirmed(content)), now.plus(ttl));
  }

  private StoreClaim unavailable(StoreClaim.Mine mine, boolean written) {
    if (written) {
      rounds.giveBack(mine);
    }
    return new StoreClaim.Unavailable();
  }

  /**
   * Why the values found deny a claim; empty if they do not.
   *
   * @param replacing whether an open claim of this process is left over
   */
  private Optional<Denied> denied(StoreNames names, List<String> found, boolean replacing) {
    for (int at = 0; at < found.size(); at++) {
      if (found.get(at).isEmpty()) {
        continue;
      }
      Optional<StoreKey.Opened> value = access.open(names, at, found.get(at));
      if (value.isPresent()
          && Claimant.isClaim(value.get().content())
          && !(replacing && isLeftOver(value.get().content()))) {
        return Optional.of(denied(value.get()));
      }
    }
    return Optional.empty();
  }

  private Denied denied(StoreKey.Opened claim) {
    boolean decided =
        Claimant.isConfirmed(claim.content())
            || claim.written().isBefore(clock.instant().minus(OPEN_FOR));
    return decided
        ? new StoreClaim.Held(claim.written())
        : new StoreClaim.Undecided(claim.written());
  }

  private boolean isLeftOver(byte[] claim) {
    return claimant.made(claim) && !Claimant.isConfirmed(claim);
  }

  /**
   * This process as the maker of claims, and the content of a claim: the process, the number of the
   * claim, and whether it is confirmed. By its number, giving a claim back does not delete a later
   * one of the same name. Safe for use by any number of threads.
   */
  static final class Claimant {

    private static final int PROCESS_BYTES = 16;
    private static final int BYTES = PROCESS_BYTES + Long.BYTES + 1;

    private final byte[] process = new byte[PROCESS_BYTES];
    private final AtomicLong claims = new AtomicLong();

    Claimant() {
      new SecureRandom().nextBytes(process);
    }

    /** The content of the next claim, which is not confirmed. */
    byte[] next() {
      return ByteBuffer.allocate(BYTES).put(process).putLong(claims.incrementAndGet()).array();
    }

    /** Whether this is the content of a claim, of whatever process. */
    static boolean isClaim(byte[] content) {
      return content.length == BYTES;
    }

    /** The same claim, confirmed. */
    static byte[] confirmed(byte[] claim) {
      byte[] confirmed = claim.clone();
      confirmed[BYTES - 1] = 1;
      return confirmed;
    }

    static boolean isConfirmed(byte[] claim) {
      return claim[BYTES - 1] == 1;
    }

    /** Whether this process made the claim with that content. */
    boolean made(byte[] claim) {
      return Arrays.equals(process, 0, PROCESS_BYTES, claim, 0, PROCESS_BYTES);
    }
  }

  /**
   * How many replicas of the server must have a write before it counts.
   *
   * @param replicas zero for none
   */
  record ReplicaWait(int replicas, int millis) {

    /** The write, and what waits for the replicas on the same connection. */
    List<Request> after(Request write) {
      return replicas == 0 ? List.of(write) : List.of(write, ValkeyScripts.await(replicas, millis));
    }

    /** Whether a write with these responses could be lost, since too few replicas have it. */
    boolean tooFewHave(List<@Nullable Response> responses) {
      if (replicas == 0) {
        return false;
      }
      @Nullable Response response = responses.getLast();
      @Nullable Long have =
          response != null && response.type() == ResponseType.NUMBER ? response.toLong() : null;
      return have == null || have < replicas;
    }
  }
}
