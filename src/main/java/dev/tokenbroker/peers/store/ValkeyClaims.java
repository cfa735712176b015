package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
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
import java.util.stream.IntStream;
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
  private final InstantSource clock;
  private final StoreRounds rounds;
  private final Map<StoreKind, StoreEpoch> epochs;
  private final Claimant claimant = new Claimant();

  /**
   * @param epochs of the kinds of claims whose loss would let a name be claimed twice
   */
  ValkeyClaims(
      StoreAccess access,
      InstantSource clock,
      StoreRounds rounds,
      Map<StoreKind, StoreEpoch> epochs) {
    this.access = access;
    this.clock = clock;
    this.rounds = rounds;
    this.epochs = epochs;
  }

  StoreClaim claim(ClaimedName name) {
    StoreNames names = access.names(name.kind(), name.id());
    Duration ttl = name.ttl().plus(access.settings().maxSkew());
    StoreClaim.Mine mine = mine(name, names, ttl);
    List<String> replaceable = names.texts().stream().map(_ -> "").toList();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Held held = held(name, names);
      if (held.denies(name, clock.instant()).isPresent()) {
        return look(name).orElseGet(StoreClaim.Unavailable::new);
      }
      List<Request> claim = waiting(ValkeyScripts.claim(mine.written(), replaceable, ttl, held));
      switch (access.placed(
          name.kind(), () -> access.call(StoreCall.CLAIM, claim, names.texts().size()))) {
        case StoreReply.Away(boolean sent) -> {
          return unavailable(mine, sent);
        }
        case StoreReply.Answered(List<@Nullable Response> responses) -> {
          replaceable = StoreAccess.texts(responses.getFirst());
          if (replaceable.isEmpty()) {
            return tooFewHave(responses) ? unavailable(mine, true) : taken(mine);
          }
          Optional<Denied> denied = denied(names, replaceable, true);
          if (denied.isPresent()) {
            return denied.get();
          }
        }
      }
    }
    return new StoreClaim.Unavailable();
  }

  /** The claim, and what waits for replicas of the server on the same connection. */
  private List<Request> waiting(Request claim) {
    StoreSettings settings = access.settings();
    return settings.waitReplicas() == 0
        ? List.of(claim)
        : List.of(claim, ValkeyScripts.await(settings.waitReplicas(), settings.waitMillis()));
  }

  /** Whether a claim with these responses could be lost, since too few replicas have it. */
  private boolean tooFewHave(List<@Nullable Response> responses) {
    int enough = access.settings().waitReplicas();
    Response last = responses.getLast();
    Long have = last == null || last.type() != ResponseType.NUMBER ? null : last.toLong();
    return enough > 0 && (have == null || have < enough);
  }

  /** A proof stays at once, as nobody confirms it. */
  private StoreClaim taken(StoreClaim.Mine mine) {
    if (mine.kind() == StoreKind.PROOF) {
      keep(mine);
    }
    return mine;
  }

  private void keep(StoreClaim.Mine mine) {
    Optional.ofNullable(epochs.get(mine.kind())).ifPresent(epoch -> epoch.keep(mine));
  }

  /** Confirms the claim of a credential or an assertion; no other kind is confirmed. */
  void confirm(StoreClaim.Mine claim) {
    keep(claim);
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

  /** A claim that the store has counts before a loss: its refusal says more. */
  Optional<Denied> look(ClaimedName name) {
    StoreNames names = access.names(name.kind(), name.id());
    Optional<Denied> untrusted = held(name, names).denies(name, clock.instant());
    if (untrusted.isPresent() && untrusted.get() instanceof StoreClaim.Unavailable) {
      return untrusted;
    }
    List<Request> look = List.of(ValkeyScripts.look(names.texts()));
    return switch (access.placed(
        name.kind(), () -> access.call(StoreCall.READ, look, names.texts().size()))) {
      case StoreReply.Away _ -> Optional.of(new StoreClaim.Unavailable());
      case StoreReply.Answered(List<@Nullable Response> responses) ->
          denied(names, StoreAccess.texts(responses.getFirst()), false).or(() -> untrusted);
    };
  }

  private Held held(ClaimedName name, StoreNames names) {
    StoreEpoch epoch = epochs.get(name.kind());
    return epoch == null ? Held.ANY : epoch.current(names.keys());
  }

  private StoreClaim.Mine mine(ClaimedName name, StoreNames names, Duration ttl) {
    Instant now = clock.instant();
    byte[] content = claimant.next();
    byte[] confirmed = Claimant.confirmed(content);
    return new StoreClaim.Mine(
        name.kind(),
        name.id(),
        name.kind() == StoreKind.PROOF ? content : confirmed,
        names.seal(now, content),
        names.seal(now, confirmed),
        now.plus(ttl));
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
    return IntStream.range(0, found.size())
        .filter(at -> !found.get(at).isEmpty())
        .mapToObj(at -> access.open(names, at, found.get(at)))
        .flatMap(Optional::stream)
        .filter(value -> Claimant.isClaim(value.content()))
        .filter(claim -> !(replacing && claimant.leftOpen(claim.content())))
        .findFirst()
        .map(this::denied);
  }

  private Denied denied(StoreKey.Opened claim) {
    boolean decided =
        Claimant.isConfirmed(claim.content())
            || claim.written().isBefore(clock.instant().minus(OPEN_FOR));
    return decided
        ? new StoreClaim.Held(claim.written())
        : new StoreClaim.Undecided(claim.written());
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

    /** Whether this process made that claim and has not confirmed it. */
    boolean leftOpen(byte[] claim) {
      return Arrays.equals(process, 0, PROCESS_BYTES, claim, 0, PROCESS_BYTES)
          && !isConfirmed(claim);
    }
  }
}
