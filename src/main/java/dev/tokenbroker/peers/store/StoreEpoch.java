package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.peers.store.StoreClaim.Denied;
import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Knows whether the store still has the claims of one kind. Safe for any number of threads. */
final class StoreEpoch {

  /*
   * The idea. Beside the claims lies one value, the epoch. Each claim compares it, and the run of
   * the server. An emptied server has no epoch, or that of a replica that has just started, so it
   * takes no claim. The next round writes another epoch with the time of the loss, which all other
   * replicas then find. A name from before that time may have been claimed, and is denied.
   *
   * A server that fails over has the epoch, but may lack the last claims. So after another run, and
   * in each round, this replica looks for claims of its own; the others have some time to do
   * so, also when this replica has just started.
   *
   * The epoch has the same name by all keys, and a mark by each key: the HMAC of its text. So a
   * replica with another key finds an epoch without its mark, and knows that it cannot find the
   * claims. An old epoch that a thief of the password puts back is no later loss, and counts as
   * one. A replica whose clock is off writes no epoch, since its time would be wrong.
   *
   * When its key files have changed, a replica claims nothing until it has looked at the epoch by
   * the new keys, and it seals its own claims by them: their names are others from then on.
   */

  private static final int ATTEMPTS = 4;

  /** How many of the newest own claims are held, of about 800 bytes each. */
  private static final int MOST_OWN = 500;

  /**
   * How long the other replicas have to look for their claims in a server that has changed, beyond
   * the time for which they leave a server alone that has failed.
   */
  private static final Duration LOOKING = Duration.ofSeconds(1);

  /** A claim that ends this soon may be gone already. */
  private static final Duration ENDING = Duration.ofSeconds(10);

  private final StoreAccess access;
  private final StoreKind kind;
  private final InstantSource clock;
  private final StoreNotices notices;

  /** The newest claims of this process that stay. Guarded by itself. */
  private final Deque<StoreClaim.Mine> own = new ArrayDeque<>();

  private @Nullable Epoch known; // guarded by this
  private volatile Held held = Held.NONE;
  private volatile boolean fit;
  private volatile long usableNanos = System.nanoTime();

  StoreEpoch(StoreAccess access, StoreKind kind, InstantSource clock, StoreNotices notices) {
    this.access = access;
    this.kind = kind;
    this.clock = clock;
    this.notices = notices;
  }

  /**
   * An epoch.
   *
   * @param loss whether the store had lost other claims when it began
   * @param since by the clock of the server
   */
  private record Epoch(boolean loss, Instant since) {

    /** One without a mark by our keys, when the process began. */
    static final Epoch UNREADABLE = new Epoch(false, Instant.EPOCH);

    /** Reads {@link #text}. */
    static Epoch of(String text) {
      return new Epoch(text.startsWith("lost:"), Instant.parse(text.substring(5)));
    }

    /** Never changes. */
    String text() {
      return (loss ? "lost:" : "kept:") + since;
    }

    boolean isLaterLossThan(Epoch other) {
      return loss && since.isAfter(other.since);
    }
  }

  /**
   * What a claim is compared with.
   *
   * @param name of the epoch in the store; empty if any will do
   * @param epoch the beginning of its value
   * @param run of the server
   * @param denied what is denied in that epoch; null for nothing
   * @param keys by which the epoch was found
   */
  record Held(String name, String epoch, String run, @Nullable Denied denied, List<StoreKey> keys) {

    /** For a kind of names that has no epoch. */
    static final Held ANY = new Held("", "", "", null, List.of());

    /** While no claim can be trusted. */
    static final Held NONE = new Held("", "", "", new StoreClaim.Unavailable(), List.of());

    /** Why a name cannot be claimed in that epoch, whatever the store has. */
    Optional<Denied> denies(ClaimedName wanted, Instant now) {
      return Optional.ofNullable(denied)
          .filter(why -> !(why instanceof StoreClaim.Forgotten lost) || lost.covers(wanted, now));
    }
  }

  /** The epoch to claim in by those keys. Waits if the store was not looked at by them before. */
  Held current(List<StoreKey> keys) {
    if (held.run().isEmpty() || !held.keys().equals(keys)) {
      round();
    }
    Held present = held; // before the time, which is set first
    return fit && present.keys().equals(keys) && System.nanoTime() - usableNanos >= 0
        ? present
        : Held.NONE;
  }

  /** Takes a claim that stays. */
  void keep(StoreClaim.Mine claim) {
    synchronized (own) {
      own.addFirst(claim);
      if (own.size() > MOST_OWN) {
        own.removeLast();
      }
    }
  }

  /** Looks at the store. After a loss it announces the own claims. */
  void round() {
    for (int attempt = 0; attempt < ATTEMPTS && look(); attempt++) {}
  }

  /** Returns whether another look must show what the store has now. */
  private synchronized boolean look() {
    List<StoreKey> keys = access.keys();
    if (!keys.equals(held.keys())) {
      seal();
    }
    List<StoreClaim.Mine> kept = kept();
    List<StoredValue> own = kept.stream().map(this::value).toList();
    Instant before = clock.instant();
    if (!(access.call(StoreCall.READ, ValkeyScripts.state(access.epoch(kind), own), 5)
        instanceof StoreReply.Answered(List<@Nullable Response> responses))) {
      return false;
    }
    List<String> state = StoreAccess.texts(responses.getFirst());
    Instant server = Instant.ofEpochMilli(Long.parseLong(state.get(2)));
    fit = notices.isFit(kind, state.get(0), ahead(before, server, clock.instant()));
    if (!fit) {
      return false;
    }
    List<String> parts = List.of(state.get(4).split(" "));
    Epoch found = found(parts);
    if (known == null && found == null && !state.get(4).isEmpty()) {
      known = Epoch.UNREADABLE;
    }
    Epoch next = next(found, isMissing(own, state.get(3)), server);
    List<String> marks = marks(next.text());
    if (!next.equals(found) || !parts.containsAll(marks)) {
      String text = next.text() + " " + String.join(" ", marks);
      Request replace = ValkeyScripts.replace(access.epoch(kind), state.get(4), text);
      access.call(StoreCall.CLAIM, List.of(replace)); // another replica may be first
      return true;
    }
    boolean loss = known != null && !next.equals(known);
    hold(next, state.get(1), server, keys);
    if (loss) {
      notices.lost(kind, next.since());
      announce(kept);
    }
    return false;
  }

  /** By how much our clock is ahead, at least; zero if the clocks may be the same. */
  private static Duration ahead(Instant before, Instant server, Instant after) {
    if (before.isAfter(server)) {
      return Duration.between(server, before);
    }
    return after.isBefore(server) ? Duration.between(server, after) : Duration.ZERO;
  }

  /** Seals the own claims by the present keys. */
  private void seal() {
    Instant now = clock.instant();
    synchronized (own) {
      List<StoreClaim.Mine> sealed = own.stream().map(claim -> claim.sealed(access, now)).toList();
      own.clear();
      own.addAll(sealed);
    }
  }

  /** What the store should have of a claim; nobody confirms that of a proof. */
  private StoredValue value(StoreClaim.Mine claim) {
    return (kind == StoreKind.PROOF ? claim.written() : claim.confirmed()).getFirst();
  }

  /**
   * Whether something else than a claim stands at the name of one of the own claims. Another
   * replica may have claimed the same name in another server, or this one is not confirmed yet.
   */
  private boolean isMissing(List<StoredValue> own, String others) {
    List<StoreKey> keys = access.names(kind, "").keys();
    return Stream.of(others.split(" "))
        .filter(other -> !other.isEmpty())
        .map(other -> other.split(":", 2))
        .map(other -> new StoredValue(own.get(Integer.parseInt(other[0])).name(), other[1]))
        .anyMatch(there -> keys.stream().noneMatch(key -> key.open(there).isPresent()));
  }

  /** The epoch with a mark by one of our keys. */
  private @Nullable Epoch found(List<String> parts) {
    String text = parts.getFirst();
    return Collections.disjoint(parts, marks(text)) ? null : Epoch.of(text);
  }

  private List<String> marks(String epoch) {
    return access.names(kind, "epoch " + epoch).texts();
  }

  /** The epoch in force: the one found, or one that begins now. */
  private Epoch next(@Nullable Epoch found, boolean missing, Instant now) {
    if (known == null) { // without any epoch before, no replica has ever claimed here
      return found == null ? new Epoch(false, now) : found;
    }
    if (found != null && (found.isLaterLossThan(known) || (found.equals(known) && !missing))) {
      return found;
    }
    return new Epoch(true, now.isAfter(known.since()) ? now : known.since().plusMillis(1));
  }

  /** A store without an older epoch has no claims that others must look for. */
  private void hold(Epoch next, String run, Instant now, List<StoreKey> keys) {
    boolean isNew = !next.loss() && now.isBefore(next.since().plus(LOOKING));
    if (!isNew && !held.run().equals(run)) {
      Duration wait = LOOKING.plusMillis(access.settings().coolDownMillis());
      usableNanos = System.nanoTime() + wait.toNanos();
    }
    if (known == null && isNew) {
      notices.begun();
    }
    known = next;
    Instant upTo = next.since().plus(access.settings().maxSkew());
    Denied lost = next.loss() ? new StoreClaim.Forgotten(upTo) : null;
    held = new Held(access.epoch(kind), next.text(), run, lost, keys);
  }

  /** If the store takes none of them, the next round misses them again. */
  private void announce(List<StoreClaim.Mine> kept) {
    Instant now = clock.instant();
    List<Request> again =
        kept.stream().flatMap(claim -> again(claim, Duration.between(now, claim.until()))).toList();
    if (!again.isEmpty()) {
      access.call(StoreCall.CLAIM, again);
    }
  }

  private static Stream<Request> again(StoreClaim.Mine claim, Duration ttl) {
    return claim.confirmed().stream().map(value -> ValkeyScripts.put(value, ttl));
  }

  /** The own claims that do not end soon. */
  private List<StoreClaim.Mine> kept() {
    Instant end = clock.instant().plus(ENDING);
    synchronized (own) {
      return own.stream().filter(claim -> claim.until().isAfter(end)).toList();
    }
  }
}
