package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A log in a Valkey or Redis server, as this replica reads and writes it. */
final class ValkeyLog implements StoreLog {

  /*
   * The idea. A log is a sorted set, one for each key of the store. The members are authenticated
   * values; the score is a place: the server's time in microseconds, made to grow with each entry.
   * A replica remembers the place up to which it has read, and asks for all from there on, that
   * place included. Announcing the same entry again adds nothing.
   *
   * A server that restarts empty, or fails over to a replica that lags behind, has lost the last
   * entries. Then the entry where this replica was is gone, or what it announced last does not
   * come. So it reads from the beginning, and announces what it knows. Each replica does so, and
   * together they know every entry that one of them has heard.
   *
   * A thief of the server's password can add entries that no key authenticates, which are ignored,
   * and can delete entries. Fewer entries show that at once, unless the first ones were so old
   * that they went by themselves. If others take their place, it shows within minutes, when each
   * replica announces what it knows once more.
   */

  private static final int PAGE = 1000;
  private static final int BATCH = 100;

  /** How often each replica announces what it knows, in case somebody has deleted some of it. */
  private static final long ANEW_NANOS = Duration.ofMinutes(5).toNanos();

  /** For how long an own announcement explains that an entry was not there. */
  private static final long RECENT_NANOS = Duration.ofSeconds(5).toNanos();

  /** How far our clock and the server's may be apart. */
  private static final Duration MOST_APART = Duration.ofMinutes(1);

  /** How long one round announces what is known, so that a long memory does not hold the thread. */
  private static final long ANNOUNCING_NANOS = Duration.ofMillis(500).toNanos();

  /** How many pages one reading takes, so that a flood of entries does not hold the thread. */
  private static final int MOST_PAGES = 400;

  private final StoreAccess access;
  private final LogKind kind;
  private final LogListener listener;

  private final StoreNotices notices;
  private final InstantSource clock;

  /** Where the reading has come to, by name. Only the thread of the rounds uses it. */
  private final Map<String, Reading> read = new HashMap<>();

  /** The values that the store has taken and this replica has not read yet. */
  private final Set<String> unread = ConcurrentHashMap.newKeySet();

  /**
   * Whether the store has not taken something known; also at first, for what outlived a restart.
   */
  private volatile boolean refused = true;

  /** Whether something known may be gone. Only the thread of the rounds uses it. */
  private boolean incomplete;

  /** Whether the store cannot have all that is owed. Only the thread of the rounds uses it. */
  private boolean owedWasRefused;

  private long anewNanos = System.nanoTime();
  private volatile long announcingNanos = System.nanoTime() - RECENT_NANOS;

  /** What is known and still to be announced. Only the thread of the rounds uses it. */
  private final Deque<LogEntry> owed = new ArrayDeque<>();

  private volatile long readNanos;
  private final CountDownLatch everRead = new CountDownLatch(1);

  ValkeyLog(
      StoreAccess access,
      LogKind kind,
      LogListener listener,
      StoreNotices notices,
      InstantSource clock) {
    this.access = access;
    this.kind = kind;
    this.listener = listener;
    this.notices = notices;
    this.clock = clock;
  }

  /**
   * Where the reading of a log has come to.
   *
   * @param place of the last entry
   * @param last the last entry; empty for none
   * @param size how many entries the log had then
   * @param first the place of its first entry
   */
  private record Reading(long place, String last, long size, String first) {

    static final Reading NONE = new Reading(0, "", 0, "");

    /** Whether an entry that was read, and others after it, are gone from a page. */
    boolean isGoneFrom(List<String> page) {
      for (int at = 0; at < page.size() / 2 && ValkeyLog.place(page, at) == place; at++) {
        if (page.get(2 * at).equals(last)) {
          return false;
        }
      }
      return place > 0;
    }
  }

  @Override
  public boolean announce(LogEntry entry) {
    announcingNanos = System.nanoTime();
    boolean stored = announce(List.of(entry)).isPresent();
    if (!stored) {
      refused = true;
    }
    return stored;
  }

  @Override
  public Duration silence() {
    return everRead.getCount() == 0 ? Duration.ofNanos(System.nanoTime() - readNanos) : NEVER_READ;
  }

  @Override
  public boolean awaitRead(Duration most) {
    try {
      return everRead.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Reads what is new; announces what is known, if the store has lost something. */
  void round() {
    long began = System.nanoTime();
    StoreNames names = access.names(kind);
    Set<String> expected = Set.copyOf(unread);
    boolean whole = true;
    for (int at = 0; at < names.texts().size(); at++) {
      whole &= read(names, at);
    }
    read.keySet().retainAll(names.texts());
    if (whole) {
      readNanos = began;
      everRead.countDown();
      incomplete |= unread.removeAll(expected) || began - anewNanos > ANEW_NANOS;
      if (refused || incomplete) {
        anewNanos = began;
        owedWasRefused = refused || (owedWasRefused && !owed.isEmpty());
        refused = false;
        incomplete = false;
        owed.clear();
        owed.addAll(listener.known());
      }
      announceOwed();
    }
  }

  /** Announces entries; returns how many the store did not have, empty if it has not taken all. */
  private OptionalLong announce(List<LogEntry> entries) {
    StoreNames names = access.names(kind);
    List<Request> requests = new ArrayList<>();
    List<List<String>> all = new ArrayList<>();
    for (int at = 0; at < names.texts().size(); at++) {
      StoreKey key = names.keys().get(at);
      String name = names.texts().get(at);
      List<String> values =
          entries.stream()
              .map(entry -> key.seal(name, entry.written(), entry.content()).value())
              .toList();
      all.add(values);
      requests.add(ValkeyScripts.announce(kind, name, values));
    }
    return access.call(StoreCall.WRITE, requests)
            instanceof StoreReply.Answered(List<@Nullable Response> responses)
        ? noted(all, responses)
        : OptionalLong.empty();
  }

  /** Notes the values that must be read now, since all of them were new. */
  private OptionalLong noted(List<List<String>> values, List<@Nullable Response> responses) {
    boolean taken = true;
    long most = 0;
    for (int at = 0; at < values.size(); at++) {
      long added = number(responses.get(at), 1);
      taken &= number(responses.get(at), 0) > 0;
      most = Math.max(most, added);
      if (added == values.get(at).size()) {
        unread.addAll(values.get(at));
      }
    }
    return taken ? OptionalLong.of(most) : OptionalLong.empty();
  }

  /** Returns whether the log was read to its end. */
  private boolean read(StoreNames names, int at) {
    String name = names.texts().get(at);
    for (int page = 0; page < MOST_PAGES; page++) {
      Reading before = read.getOrDefault(name, Reading.NONE);
      List<Request> entries = List.of(ValkeyScripts.entries(name, before.place(), PAGE));
      if (!(access.call(StoreCall.READ, entries)
          instanceof StoreReply.Answered(List<@Nullable Response> responses))) {
        return false;
      }
      List<String> texts = StoreAccess.texts(responses.getFirst());
      List<String> found = texts.subList(2, texts.size());
      if (before.isGoneFrom(found)) {
        incomplete = true;
        read.put(name, Reading.NONE);
        continue;
      }
      Reading now = hear(names, at, found, before, Long.parseLong(texts.get(0)), texts.get(1));
      read.put(name, now);
      if (now.place() == before.place()) {
        return !isCut(found);
      }
    }
    return false;
  }

  /** Hears what is new; returns where the reading has come to. */
  private Reading hear(
      StoreNames names, int at, List<String> found, Reading before, long size, String first) {
    long place = before.place();
    String last = before.last();
    long heard = 0;
    for (int entry = 0; entry < found.size() / 2; entry++) {
      if (place(found, entry) > before.place()) {
        place = place(found, entry);
        last = found.get(2 * entry);
        unread.remove(last);
        heard++;
        access
            .open(names, at, last)
            .ifPresent(value -> listener.heard(new LogEntry(value.written(), value.content())));
      }
    }
    incomplete |=
        size < before.size() + heard && (first.equals(before.first()) || isYoung(before.first()));
    return new Reading(place, last, size, first);
  }

  /** Whether the store would not have forgotten the entry at that place because of its age. */
  private boolean isYoung(String place) {
    Instant oldest = clock.instant().minus(kind.keep()).plus(MOST_APART);
    return !place.isEmpty() && place(place) > oldest.toEpochMilli() * 1000;
  }

  /**
   * Announces the next of what is owed; what the store does not take comes first in the next round.
   * So a server that often answers too late gets all of it in the end.
   */
  private void announceOwed() {
    long began = System.nanoTime();
    while (!owed.isEmpty() && System.nanoTime() - began < ANNOUNCING_NANOS) {
      List<LogEntry> next = new ArrayList<>(BATCH);
      while (next.size() < BATCH && !owed.isEmpty()) {
        next.add(owed.remove());
      }
      OptionalLong added = announce(next);
      if (added.isEmpty()) {
        next.reversed().forEach(owed::addFirst);
        return;
      }
      boolean own = owedWasRefused || System.nanoTime() - announcingNanos < RECENT_NANOS;
      if (added.getAsLong() > 0 && !own) {
        notices.lost(kind, added.getAsLong());
      }
    }
  }

  private static long number(@Nullable Response response, int at) {
    Response list = Objects.requireNonNull(response, "the script returns two numbers");
    return Objects.requireNonNull(list.get(at).toLong());
  }

  /** Whether there may be more entries: only foreign ones share a place, and so fill a page. */
  private static boolean isCut(List<String> found) {
    int size = found.stream().mapToInt(String::length).sum();
    return found.size() >= 2 * PAGE || size > ValkeyScripts.MOST_READ_OF_LOG;
  }

  /** The place of an entry; the last one of all for a foreign entry whose place is infinite. */
  private static long place(List<String> found, int entry) {
    return place(found.get(2 * entry + 1));
  }

  private static long place(String place) {
    return place.endsWith("inf") ? Long.MAX_VALUE : (long) Double.parseDouble(place);
  }
}
