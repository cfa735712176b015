package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.StrictJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.store.LogEntry;
import dev.tokenbroker.peers.store.LogKind;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.store.Replica;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.StoreClaim;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.peers.store.StoreKind;
import dev.tokenbroker.peers.store.StoreLog;
import dev.tokenbroker.peers.store.StoreLog.LogListener;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public keys of all replicas. Each replica publishes those of the others beside its own, so
 * that a verifier can ask any of them. Private keys never leave a process.
 *
 * <p>Safe for use by any number of threads; only {@link #announce} and {@link #awaitOthers} wait.
 */
@Singleton
public final class ReplicaKeys implements LogListener {

  /*
   * The idea. A replica announces each key that it publishes, and until when others must publish
   * it: until the last token that the key may sign has expired, even if this replica is cut off
   * from the store now and signs on for publish-before. It announces the keys anew long before
   * that. So the keys of a replica that is gone stay while its tokens may live, and then go.
   *
   * On the roster each replica tells which keys it publishes. A new key is adopted for signing only
   * after each replica on the roster has told it.
   *
   * A verifier may hold a copy of the key set that any replica has published before. So each replica
   * also tells which of its keys may be missing in copies: those that it has published for less than
   * publish-before, and not yet when its keys were fetched for the first time. A replica of a build
   * that does not tell this has none.
   *
   * A thief of the store's password can put an old announcement back; each carries its own expiry.
   */

  /** The name of the fact on the roster: the {@code kid} of each published key. */
  static final String SERVES = "serves";

  /**
   * The name of the fact on the roster: the {@code kid} of each key that copies may lack. By its
   * name it is asked after {@link #SERVES}: a key that comes in between must not be told as served
   * without being here.
   */
  static final String UNSETTLED = "unsettled";

  /** By how much an announcement may fall short of what is true now. */
  private static final Duration ANEW = Duration.ofMinutes(5);

  private static final Duration MARGIN = Duration.ofMinutes(2);
  private static final int MOST = 500;

  /** How long the first of those that start together may take to be seen by the others. */
  private static final Duration CLAIMED = Duration.ofSeconds(10);

  private final SharedStore store;
  private final Roster roster;
  private final Clocks clock;
  private final Duration away;
  private final Duration lease;
  private final StoreLog log;

  /** What this replica has announced, by {@code kid}. Only the thread of the keys writes it. */
  private final Map<String, AnnouncedKey> own = new ConcurrentHashMap<>();

  /** What the others have announced, by {@code kid}. */
  private final Map<String, AnnouncedKey> others = new ConcurrentHashMap<>();

  /** Since when each key has been published here, by {@code kid}, in nanoseconds. */
  private final Map<String, Long> servedSince = new ConcurrentHashMap<>();

  private volatile boolean fetched;

  @Inject
  ReplicaKeys(SharedStore store, Roster roster, TokenSettings settings, Clocks clock) {
    KeyTiming timing = KeyTiming.of(settings);
    this.store = store;
    this.roster = roster;
    this.clock = clock;
    this.away = timing.publishBefore();
    this.lease = timing.retention().plus(away).plus(ANEW).plus(MARGIN);
    this.log = store.listen(LogKind.SIGNING_KEYS, this);
    roster.tell(SERVES, () -> String.join(",", served()));
    roster.tell(UNSETTLED, this::unsettled);
  }

  /** The keys of a broker that shares nothing. */
  static ReplicaKeys alone(TokenSettings settings, Clocks clock) {
    SharedStore store = new OneReplica();
    return new ReplicaKeys(store, new Roster(false, store, clock), settings, clock);
  }

  /** Waits a moment for what the others tell; in vain if the store is away. */
  void awaitOthers(Duration most) {
    boolean _ = log.awaitRead(most) && roster.awaitRead(most);
  }

  /** Whether this replica has ever heard of the others and their keys. */
  boolean isKnown() {
    return log.awaitRead(Duration.ZERO) && roster.awaitRead(Duration.ZERO);
  }

  /**
   * Whether this replica may sign with a key that nobody has fetched: no other is up, and of those
   * that start together it is the first.
   */
  boolean mayBegin() {
    return isKnown()
        && roster.others().isEmpty()
        && store.claim(new ClaimedName(StoreKind.FIRST_KEY, "first", null, CLAIMED))
            instanceof StoreClaim.Mine;
  }

  /** Whether there can be other replicas. */
  boolean isShared() {
    return roster.isShared();
  }

  /** Whether others may have begun to sign with keys that this replica does not know. */
  boolean mayMissKeys() {
    return log.silence().compareTo(away) > 0;
  }

  /** Whether each other replica that is up publishes the key; false while nobody can tell. */
  boolean isServedByOthers(String kid) {
    return log.silence().compareTo(Roster.LAPSE) < 0
        && roster.silence().compareTo(Roster.LAPSE) < 0
        && roster.others().stream().allMatch(replica -> tells(replica, SERVES, kid));
  }

  private static boolean tells(Replica replica, String fact, String kid) {
    return Arrays.asList(replica.fact(fact).split(",", -1)).contains(kid);
  }

  /** Verifiers may keep what this replica publishes from now on. */
  void fetched() {
    fetched = true;
  }

  /** Whether verifiers may have fetched keys of this replica. */
  boolean isFetched() {
    return fetched;
  }

  /**
   * Whether no verifier that keeps to Cache-Control can hold a copy without the key, whichever of
   * the replicas that are up it has asked. A replica that never reached the store knows its own
   * copies only.
   */
  boolean isSettled(String kid) {
    return isSettledHere(kid)
        && (!isKnown()
            || (isServedByOthers(kid)
                && roster.others().stream().noneMatch(replica -> tells(replica, UNSETTLED, kid))));
  }

  private boolean isSettledHere(String kid) {
    Long since = servedSince.get(kid);
    return !fetched || (since != null && clock.nanoTime() - since >= away.toNanos());
  }

  /** The public JWKs of the other replicas that must be published now. */
  List<Map<String, Object>> others(Instant now) {
    boolean reading = log.silence().compareTo(Roster.LAPSE) < 0;
    return others.values().stream()
        .filter(key -> !reading || key.until().isAfter(now)) // who hears nothing forgets nothing
        .map(AnnouncedKey::jwk)
        .toList();
  }

  /**
   * Announces the keys that this replica publishes, as far as the others need to hear it again.
   *
   * @param keys by the end of their publication; {@link Instant#MAX} if it is not known yet
   */
  void announce(Map<SigningKey, Instant> keys) {
    Instant now = clock.instant();
    Instant most = now.plus(lease);
    own.keySet().retainAll(keys.keySet().stream().map(SigningKey::kid).toList());
    keys.forEach(
        (key, end) -> announce(key, end.isBefore(most) ? end.plus(ANEW).plus(MARGIN) : most, now));
    others.values().removeIf(key -> key.until().plus(away).isBefore(now));
    noteServed();
  }

  /** A key that was published before the first fetch counts as one that was published for long. */
  private void noteServed() {
    Set<String> kids = served();
    boolean first = !fetched; // read after the kids, so that the first fetch has all of them
    long since = clock.nanoTime() - (first ? away.toNanos() : 0);
    servedSince.keySet().retainAll(kids);
    kids.forEach(kid -> servedSince.putIfAbsent(kid, since));
  }

  /**
   * Announces a key unless the others publish it for nearly as long already. An announcement that
   * the store does not take is made again by {@link #known}.
   */
  private void announce(SigningKey key, Instant until, Instant now) {
    AnnouncedKey last = own.get(key.kid());
    if (last == null || last.until().isBefore(until.minus(ANEW))) {
      AnnouncedKey next = AnnouncedKey.of(key.publicJwk(), roster.id(), until, now);
      own.put(key.kid(), next);
      log.announce(next.entry());
    }
  }

  @Override
  public void heard(LogEntry entry) {
    AnnouncedKey.read(entry)
        .filter(key -> !key.by().equals(roster.id()))
        .filter(key -> others.size() < MOST || others.containsKey(key.kid()))
        .ifPresent(key -> others.merge(key.kid(), key, AnnouncedKey::later));
  }

  @Override
  public List<LogEntry> known() {
    return Stream.concat(own.values().stream(), others.values().stream())
        .map(AnnouncedKey::entry)
        .toList();
  }

  private Set<String> served() {
    Set<String> kids = new TreeSet<>(own.keySet());
    others(clock.instant()).forEach(jwk -> kids.add((String) jwk.get("kid")));
    return kids;
  }

  private String unsettled() {
    return served().stream().filter(kid -> !isSettledHere(kid)).collect(Collectors.joining(","));
  }

  /**
   * A public key that a replica announces to the others.
   *
   * @param jwk its members; {@code kid} is its thumbprint
   * @param by the replica
   * @param until when the others need not publish it any more
   * @param entry as it stands in the log
   */
  record AnnouncedKey(Map<String, Object> jwk, String by, Instant until, LogEntry entry) {

    static AnnouncedKey of(Map<String, Object> jwk, String by, Instant until, Instant now) {
      byte[] content = JsonBytes.of(Map.of("jwk", jwk, "by", by, "until", until.getEpochSecond()));
      return new AnnouncedKey(jwk, by, until, new LogEntry(now, content));
    }

    /**
     * Reads an entry of the log; empty if it has no public key that can verify, as of another
     * build.
     */
    static Optional<AnnouncedKey> read(LogEntry entry) {
      if (StrictJson.object(entry.content(), "key", StrictJson.Nulls.REFUSED)
              instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
          && members.get("jwk") instanceof Map<?, ?> jwk
          && members.get("by") instanceof String by
          && members.get("until") instanceof Long until) {
        return publicKey(jwk)
            .map(key -> new AnnouncedKey(key, by, Instant.ofEpochSecond(until), entry));
      }
      return Optional.empty();
    }

    @SuppressWarnings("unchecked") // StrictJson gives no other names than texts
    private static Optional<Map<String, Object>> publicKey(Map<?, ?> members) {
      Map<String, Object> jwk = (Map<String, Object>) members;
      return Optional.of(jwk)
          .filter(key -> !VerificationKey.isPrivate(key) && key.get("alg") instanceof String)
          .filter(
              key ->
                  VerificationKey.of(key)
                      .filter(usable -> usable.thumbprint().equals(key.get("kid")))
                      .isPresent());
    }

    String kid() {
      return (String) Objects.requireNonNull(jwk.get("kid"));
    }

    /** Of two announcements the one that holds for longer. */
    AnnouncedKey later(AnnouncedKey other) {
      return other.until().isAfter(until) ? other : this;
    }
  }
}
