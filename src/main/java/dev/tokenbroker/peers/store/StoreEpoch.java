package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Knows whether the store still has the claims of one kind. Safe for any number of threads. */
final class StoreEpoch {

  /*
   * The idea. Beside the claims lies one value, the epoch. Each claim compares it, and the run of
   * the server. An emptied server has no epoch, or that of a replica that has just started, so it
   * takes no claim. Whoever notices writes another epoch with the time of the loss, which all
   * others then find. A name from before that time may have been claimed: callers ask for it.
   *
   * A server that fails over has the epoch, but may lack the last claims. So after another run, and
   * in each round, this replica looks for claims of its own; the others have a second to do so.
   *
   * The name of the epoch is the same by all keys, and each key seals the value. So a replica with
   * another key finds an epoch that it cannot open, and knows that it cannot find the claims. An
   * old epoch that a thief of the password puts back is no later loss, and counts as one.
   */

  private static final int ATTEMPTS = 4;
  private static final int MOST_SEALS = 2 * StoreKeys.MAX_FILES;

  /** How many own claims are held, of about 800 bytes each. */
  private static final int MOST_OWN = 1_000;

  /** How many of the newest, and how many at some place among all, one look compares. */
  private static final int COMPARED = 50;

  /** How long the other replicas have to look for their claims in a server that has changed. */
  private static final Duration LOOKING = Duration.ofSeconds(1);

  /** A claim that ends this soon may be gone already. */
  private static final Duration ENDING = Duration.ofSeconds(10);

  private final StoreAccess access;
  private final StoreKind kind;
  private final String name;
  private final InstantSource clock;
  private final StoreNotices notices;

  /** The newest claims of this process that stay. Guarded by itself. */
  private final Deque<StoreClaim.Mine> own = new ArrayDeque<>();

  private volatile @Nullable Held held;
  private volatile boolean fit;
  private volatile long usableNanos = System.nanoTime();

  /** Whether the store has lost own claims that are not announced again yet. */
  private volatile boolean owing;

  StoreEpoch(StoreAccess access, StoreKind kind, InstantSource clock, StoreNotices notices) {
    this.access = access;
    this.kind = kind;
    this.name = access.epoch(kind);
    this.clock = clock;
    this.notices = notices;
  }

  /**
   * An epoch.
   *
   * @param loss whether the store had lost other claims when it began
   */
  record Epoch(Instant since, boolean loss) {

    boolean isLaterLossThan(Epoch other) {
      return loss && since.isAfter(other.since);
    }
  }

  /**
   * What a claim is compared with.
   *
   * @param text the epoch as the store has it
   * @param run of the server
   */
  record Held(Epoch epoch, String name, String text, String run) {}

  /** The epoch to claim in; empty while no claim can be trusted. The first call waits. */
  Optional<Held> current() {
    Held present = held;
    return present == null ? settle(null) : usable();
  }

  /** The last loss that is known. */
  Optional<Instant> lost() {
    return Optional.ofNullable(held).map(Held::epoch).filter(Epoch::loss).map(Epoch::since);
  }

  /** Takes a claim that stays. */
  void keep(StoreClaim.Mine claim) {
    synchronized (own) {
      if (own.size() == MOST_OWN) {
        var _ = own.removeFirst();
      }
      own.addLast(claim);
    }
  }

  /** Looks at the store, and announces the own claims that it has lost. */
  void round() {
    var _ = settle(held);
    if (owing) {
      Instant now = clock.instant();
      List<Request> again =
          own(Duration.ZERO, MOST_OWN)
              .flatMap(claim -> again(claim, Duration.between(now, claim.until())))
              .toList();
      owing = !again.isEmpty() && access.call(StoreCall.CLAIM, again) instanceof StoreReply.Away;
    }
  }

  private static Stream<Request> again(StoreClaim.Mine claim, Duration ttl) {
    return claim.confirmed().stream().map(value -> ValkeyScripts.put(value, ttl).arg("NX"));
  }

  /** Some of the own claims that do not end within that time. */
  private Stream<StoreClaim.Mine> own(Duration rest, int most) {
    Instant end = clock.instant().plus(rest);
    synchronized (own) {
      int skipped = ThreadLocalRandom.current().nextInt(Math.max(1, own.size() - most + 1));
      return Stream.concat(
          own.reversed().stream().limit(most), own.stream().skip(skipped).limit(most))
          .distinct()
          .filter(claim -> claim.until().isAfter(end))
          .toList()
          .stream();
    }
  }

  /** Looks at the store, unless another thread has done so since the epoch was that one. */
  synchronized Optional<Held> settle(@Nullable Held stale) {
    if (!Objects.equals(held, stale)) {
      return usable();
    }
    boolean loss = false;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<String> compared =
          owing
              ? List.of()
              : own(ENDING, COMPARED).map(claim -> claim.written().getFirst().name()).toList();
      Instant before = clock.instant();
      if (!(access.call(StoreCall.READ, ValkeyScripts.state(name, compared), 4 + compared.size())
          instanceof StoreReply.Answered(List<@Nullable Response> responses))) {
        return Optional.empty();
      }
      List<String> state = StoreAccess.texts(responses.getFirst());
      fit = notices.isFit(kind, state.get(0), off(before, state.get(2)));
      String text = state.get(3);
      Epoch known = stale == null ? null : stale.epoch();
      Epoch found = found(text);
      Epoch next = next(known, found, text, state.subList(4, state.size()).contains(""));
      boolean begins = !next.equals(found);
      loss |= next.loss() && (begins || (known != null && !next.equals(known)));
      String sealed = sealed(begins ? "" : text, next);
      if (sealed.equals(text)) {
        hold(new Held(next, name, text, state.get(1)), loss);
        return usable();
      }
      // Another replica may write first; the next look shows who did.
      var _ = access.call(StoreCall.CLAIM, List.of(ValkeyScripts.replace(name, text, sealed)));
    }
    return Optional.empty();
  }

  /**
   * The epoch in force: the one found, or one that begins now.
   *
   * @param found null if none of our keys opens it
   */
  private Epoch next(@Nullable Epoch known, @Nullable Epoch found, String text, boolean missing) {
    if (found != null
        && (known == null || found.isLaterLossThan(known) || (found.equals(known) && !missing))) {
      return found;
    }
    // Without any epoch before, no replica has ever claimed here.
    long after = known == null ? 0 : known.since().toEpochMilli() + 1;
    return new Epoch(
        Instant.ofEpochMilli(Math.max(clock.millis(), after)), known != null || !text.isEmpty());
  }

  private void hold(Held next, boolean loss) {
    Held before = held;
    if (before != null && !before.run().equals(next.run())) {
      usableNanos = System.nanoTime() + LOOKING.toNanos();
    }
    held = next;
    if (loss) {
      owing = true;
      notices.lost(kind, next.epoch().since());
    }
  }

  private Optional<Held> usable() {
    return fit && System.nanoTime() - usableNanos >= 0
        ? Optional.ofNullable(held)
        : Optional.empty();
  }

  /** By how much our clock differs from the server's, at least; negative if it need not. */
  private Duration off(Instant before, String serverMillis) {
    Instant server = Instant.ofEpochMilli(Long.parseLong(serverMillis));
    return server.isBefore(before)
        ? Duration.between(server, before)
        : Duration.between(clock.instant(), server);
  }

  private @Nullable Epoch found(String text) {
    return seals(text)
        .flatMap(seal -> access.keys().stream().flatMap(key -> open(key, seal).stream()))
        .findFirst()
        .orElse(null);
  }

  private Optional<Epoch> open(StoreKey key, String seal) {
    return key.open(new StoredValue(name, seal))
        .map(opened -> new Epoch(opened.written(), opened.content()[0] == 1));
  }

  /** The text, with a seal by each of our keys; the oldest seals give way. */
  private String sealed(String text, Epoch epoch) {
    List<String> seals = new ArrayList<>(seals(text).toList());
    byte[] content = {(byte) (epoch.loss() ? 1 : 0)};
    access.keys().stream()
        .filter(key -> seals(text).noneMatch(seal -> open(key, seal).isPresent()))
        .forEach(key -> seals.add(key.seal(name, epoch.since(), content).value()));
    return String.join(" ", seals.subList(Math.max(0, seals.size() - MOST_SEALS), seals.size()));
  }

  private static Stream<String> seals(String text) {
    return Stream.of(text.split(" ", MOST_SEALS + 1)).filter(seal -> !seal.isEmpty());
  }
}
