package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
   * entries. Then the place where this replica was is gone, or the place of what it announced last
   * does not come. So it reads from the beginning, and announces what it knows. Each replica does
   * so, and together they know every entry that one of them has heard.
   *
   * A thief of the server's password can add entries that no key authenticates, which are ignored,
   * and can delete entries, which the replicas announce again.
   */

  private static final int PAGE = 1000;
  private static final int BATCH = 100;

  /** How long one round announces what is known, so that a long memory does not hold the thread. */
  private static final long ANNOUNCING_NANOS = Duration.ofMillis(500).toNanos();

  /** How many pages one reading takes, so that a flood of entries does not hold the thread. */
  private static final int MOST_PAGES = 400;

  private final StoreAccess access;
  private final LogKind kind;
  private final LogListener listener;

  /** The place of the last entry read, by name. Only the thread of the rounds uses it. */
  private final Map<String, Long> read = new HashMap<>();

  /** The place of the last entry announced, by name. Guarded by itself. */
  private final Map<String, Long> announced = new HashMap<>();

  /** Whether the store may lack something known; also at first, for what outlived a restart. */
  private volatile boolean incomplete = true;

  /** What is known and still to be announced. Only the thread of the rounds uses it. */
  private final Deque<LogEntry> owed = new ArrayDeque<>();

  private volatile long readNanos;
  private final CountDownLatch everRead = new CountDownLatch(1);

  ValkeyLog(StoreAccess access, LogKind kind, LogListener listener) {
    this.access = access;
    this.kind = kind;
    this.listener = listener;
  }

  @Override
  public boolean announce(LogEntry entry) {
    boolean stored = announce(List.of(entry));
    if (!stored) {
      incomplete = true;
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
    boolean whole = true;
    for (int at = 0; at < names.texts().size(); at++) {
      whole &= read(names, at);
    }
    read.keySet().retainAll(names.texts());
    if (whole) {
      readNanos = began;
      everRead.countDown();
      if (incomplete) {
        incomplete = false;
        owed.clear();
        owed.addAll(listener.known());
      }
      announceOwed();
    }
  }

  private boolean announce(List<LogEntry> entries) {
    StoreNames names = access.names(kind);
    List<Request> requests = new ArrayList<>();
    for (int at = 0; at < names.texts().size(); at++) {
      StoreKey key = names.keys().get(at);
      String name = names.texts().get(at);
      List<String> values =
          entries.stream()
              .map(entry -> key.seal(name, entry.written(), entry.content()).value())
              .toList();
      requests.add(ValkeyScripts.announce(kind, name, values));
    }
    return access.call(StoreCall.WRITE, requests)
            instanceof StoreReply.Answered(List<@Nullable Response> responses)
        && noted(names, responses);
  }

  /** Notes at which places the entries are; returns whether each log has taken them. */
  private boolean noted(StoreNames names, List<@Nullable Response> responses) {
    boolean all = true;
    for (int at = 0; at < names.texts().size(); at++) {
      long place = place(responses.get(at));
      all &= place > 0;
      synchronized (announced) {
        var _ = announced.merge(names.texts().get(at), place, Math::max);
      }
    }
    return all;
  }

  /** Returns whether the log was read to its end. */
  private boolean read(StoreNames names, int at) {
    String name = names.texts().get(at);
    long expected;
    synchronized (announced) {
      expected = announced.getOrDefault(name, 0L);
    }
    for (int page = 0; page < MOST_PAGES; page++) {
      long from = read.getOrDefault(name, 0L);
      if (!(access.call(StoreCall.READ, List.of(ValkeyScripts.entries(name, from, PAGE)))
          instanceof StoreReply.Answered(List<@Nullable Response> responses))) {
        return false;
      }
      List<String> found = StoreAccess.texts(responses.getFirst());
      if (from > 0 && (found.isEmpty() || place(found, 0) != from)) {
        incomplete = true;
        read.put(name, 0L);
        continue;
      }
      if (!hear(names, at, found, from)) {
        forget(name, expected);
        return !isCut(found);
      }
    }
    return false;
  }

  /** Returns whether there was something new, so that there may be more. */
  private boolean hear(StoreNames names, int at, List<String> found, long from) {
    long last = from;
    for (int entry = 0; entry < found.size() / 2; entry++) {
      long place = place(found, entry);
      if (place > from) {
        Optional<StoreKey.Opened> opened = access.open(names, at, found.get(2 * entry));
        opened.ifPresent(value -> listener.heard(new LogEntry(value.written(), value.content())));
        last = place;
      }
    }
    read.put(names.texts().get(at), last);
    return last > from;
  }

  /** An entry that was announced before the log was read, and did not come, is lost. */
  private void forget(String name, long expected) {
    if (read.getOrDefault(name, 0L) < expected) {
      incomplete = true;
      synchronized (announced) {
        announced.computeIfPresent(name, (_, last) -> last > expected ? last : null);
      }
    }
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
      if (!announce(next)) {
        next.reversed().forEach(owed::addFirst);
        return;
      }
    }
  }

  private static long place(@Nullable Response response) {
    @Nullable Long place = response == null ? null : response.toLong();
    return Objects.requireNonNull(place, "the script returns a place");
  }

  /** Whether there may be more entries: only foreign ones share a place, and so fill a page. */
  private static boolean isCut(List<String> found) {
    int size = found.stream().mapToInt(String::length).sum();
    return found.size() >= 2 * PAGE || size > ValkeyScripts.MOST_READ_OF_LOG;
  }

  /** The place of an entry; the last one of all for a foreign entry whose place is infinite. */
  private static long place(List<String> found, int entry) {
    String place = found.get(2 * entry + 1);
    return place.endsWith("inf") ? Long.MAX_VALUE : (long) Double.parseDouble(place);
  }
}
