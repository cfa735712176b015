package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A log in a Valkey or Redis server, as this replica reads and writes it. */
final class ValkeyLog implements StoreLog {

  /*
   * The idea. A log is a sorted set, one for each key of the store. The members are authenticated
   * values, and the server's time puts each after all others. So in each round a replica reads from
   * the newest entry back, until a page has nothing new.
   *
   * A thief of the server's password can delete and move entries, and put back old ones. A failover
   * loses the last ones. So a replica trusts no place and no number: beside the newest entries it
   * reads one page of the whole log in each round. At the end of each such reading it announces
   * what it knows and has not seen there, under each key. An entry that it had seen is a loss.
   */

  /** How many of the newest entries each round reads at least. */
  private static final int NEWEST = 100;

  private static final int PAGE = 1000;
  private static final int BATCH = 100;

  /** How many pages one round reads, so that a flood of entries does not hold the thread. */
  private static final int MOST_PAGES = 400;

  /** How long a reading of the whole log rests before the next one. */
  private static final long REST_NANOS = Duration.ofSeconds(1).toNanos();

  /** How long one round announces what is known, so that a long memory does not hold the thread. */
  private static final long ANNOUNCING_NANOS = Duration.ofMillis(500).toNanos();

  private final StoreAccess access;
  private final LogKind kind;
  private final StoreLog.LogListener listener;
  private final StoreNotices notices;

  /**
   * By name the digest of each value in the store, with the number of the last reading of the whole
   * log that found it; below zero as long as this replica has only announced it.
   */
  private final Map<String, Map<String, Long>> seen = new ConcurrentHashMap<>();

  /** What is known and still to be compared with the log. Only the thread of the rounds uses it. */
  private final Deque<LogEntry> owed = new ArrayDeque<>();

  /** The number of the present reading of the whole log. */
  private volatile Long reading = 1L;

  /** How many entries it has read. Only the thread of the rounds uses it. */
  private int done;

  private long nextNanos = System.nanoTime();

  /** Whether the last round has read all that was new. Only the thread of the rounds uses it. */
  private boolean upToDate;

  private volatile long readNanos;
  private final CountDownLatch everRead = new CountDownLatch(1);

  ValkeyLog(StoreAccess access, LogKind kind, StoreLog.LogListener listener, StoreNotices notices) {
    this.access = access;
    this.kind = kind;
    this.listener = listener;
    this.notices = notices;
  }

  /**
   * What a call has read.
   *
   * @param size how many entries
   * @param kept how many of them are still in the log: what no replica wrote is removed
   * @param hasNews whether some of them are news
   */
  private record Page(int size, int kept, boolean hasNews) {}

  /** The log by one key, and what this replica has seen there. */
  private record Copy(StoreNames names, int at, Map<String, Long> seen) {

    String name() {
      return names.texts().get(at);
    }

    String seal(LogEntry entry) {
      return names.keys().get(at).seal(name(), entry.written(), entry.content()).value();
    }
  }

  @Override
  public boolean announce(LogEntry entry) {
    return announce(copies(), List.of(entry));
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

  /** Reads what is new, and a page of the whole log; announces what is known and missing there. */
  void round() {
    long began = System.nanoTime();
    List<Copy> copies = copies();
    boolean whole = !upToDate;
    upToDate = false;
    if (!copies.stream().allMatch(copy -> readNewest(copy, whole))) {
      return;
    }
    upToDate = true;
    readNanos = began;
    everRead.countDown();
    if (began - nextNanos >= 0 && readOn(copies)) {
      nextNanos = began + REST_NANOS;
      done = 0;
      if (owed.isEmpty()) {
        long next = reading + 1; // only this thread counts
        reading = next;
        seen.keySet().retainAll(copies.stream().map(Copy::name).toList());
        // What the last two readings have not found, and nobody missed, was old.
        seen.values().forEach(all -> all.values().removeIf(last -> Math.abs(last) < reading - 2));
        owed.addAll(listener.known());
      }
    }
    announceOwed(copies);
  }

  private List<Copy> copies() {
    StoreNames names = access.names(kind);
    return IntStream.range(0, names.texts().size())
        .mapToObj(
            at ->
                new Copy(
                    names,
                    at,
                    seen.computeIfAbsent(names.texts().get(at), _ -> new ConcurrentHashMap<>())))
        .toList();
  }

  /**
   * Reads from the newest entry back to what earlier rounds have read, or to the end; returns
   * whether it could. Others may write meanwhile, so that a page begins again with the last one.
   */
  private boolean readNewest(Copy copy, boolean whole) {
    Set<String> news = new HashSet<>();
    int read = 0;
    for (int page = 0; page < MOST_PAGES; page++) {
      Page found = read(copy, read, page == 0 ? NEWEST : PAGE, news);
      if (found == null || found.size() == 0 || !(whole || found.hasNews())) {
        return found != null;
      }
      read += found.kept();
    }
    return false;
  }

  /** Reads the next page of the whole log; returns whether there was none by any key. */
  private boolean readOn(List<Copy> copies) {
    boolean ended = true;
    int least = PAGE; // by several keys, pages may be cut at different places
    for (Copy copy : copies) {
      Page found = read(copy, done, PAGE, new HashSet<>());
      if (found == null) {
        return false;
      }
      if (found.size() > 0) {
        ended = false;
        least = Math.min(least, found.kept());
      }
    }
    done += least;
    return ended;
  }

  /**
   * Reads the entries that come after so many newer ones, and hears those that are new.
   *
   * @param news the digests of what this round has read for the first time; grows
   */
  private @Nullable Page read(Copy copy, int newer, int most, Set<String> news) {
    if (!(access.call(StoreCall.READ, List.of(ValkeyScripts.entries(copy.name(), newer, most)))
        instanceof StoreReply.Answered(List<@Nullable Response> responses))) {
      return null;
    }
    List<String> values = StoreAccess.texts(responses.getFirst());
    boolean hasNews = false;
    List<String> foreign = new ArrayList<>();
    for (String value : values) {
      String digest = digest(value);
      Long last = copy.seen().get(digest);
      if (last == null || last < 0) {
        news.add(digest);
        access
            .open(copy.names(), copy.at(), value)
            .ifPresentOrElse(
                found -> listener.heard(new LogEntry(found.written(), found.content())),
                () -> foreign.add(value));
      }
      hasNews |= news.contains(digest);
      // Somebody else may write more than replicas do.
      if (last != null || copy.seen().size() < 2 * kind.most()) {
        copy.seen().put(digest, reading);
      }
    }
    return new Page(values.size(), values.size() - removed(copy, foreign), hasNews);
  }

  /** Makes room in the log for what replicas write; returns how many of the values are gone. */
  private int removed(Copy copy, List<String> foreign) {
    return !foreign.isEmpty()
            && access.call(StoreCall.WRITE, List.of(ValkeyScripts.forget(copy.name(), foreign)))
                instanceof StoreReply.Answered
        ? foreign.size()
        : 0;
  }

  /**
   * Announces the next of what is owed, as far as it is missing; what the store does not take comes
   * first in the next round. So a server that often answers too late gets all of it in the end.
   */
  private void announceOwed(List<Copy> copies) {
    long began = System.nanoTime();
    while (!owed.isEmpty() && System.nanoTime() - began < ANNOUNCING_NANOS) {
      List<LogEntry> missing = new ArrayList<>(BATCH);
      for (int at = 0; at < BATCH && !owed.isEmpty(); at++) {
        LogEntry next = owed.remove();
        if (copies.stream().anyMatch(copy -> isMissing(copy, next))) {
          missing.add(next);
        }
      }
      if (!missing.isEmpty() && !announce(copies, missing)) {
        missing.reversed().forEach(owed::addFirst);
        return;
      }
    }
  }

  /** Whether neither the present reading of the whole log nor the last one has found it. */
  private boolean isMissing(Copy copy, LogEntry entry) {
    Long last = copy.seen().get(digest(copy.seal(entry)));
    return last == null || Math.abs(last) < reading - 1;
  }

  /** Announces entries by each key; returns whether the store has taken them all. */
  private boolean announce(List<Copy> copies, List<LogEntry> entries) {
    List<List<String>> values =
        copies.stream().map(copy -> entries.stream().map(copy::seal).toList()).toList();
    List<Request> requests = new ArrayList<>();
    List<Set<String>> seenBefore = new ArrayList<>(); // a round may read the entries meanwhile
    for (int at = 0; at < copies.size(); at++) {
      requests.add(ValkeyScripts.announce(kind, copies.get(at).name(), values.get(at)));
      Set<String> seen = copies.get(at).seen().keySet();
      seenBefore.add(
          values.get(at).stream()
              .map(ValkeyLog::digest)
              .filter(seen::contains)
              .collect(Collectors.toSet()));
    }
    if (!(access.call(StoreCall.WRITE, requests)
        instanceof StoreReply.Answered(List<@Nullable Response> responses))) {
      return false;
    }
    boolean taken = true;
    long lost = 0;
    for (int at = 0; at < copies.size(); at++) {
      List<String> added = StoreAccess.texts(responses.get(at)); // none if the log is full
      taken &= added.size() == entries.size();
      for (int entry = 0; entry < Math.min(added.size(), entries.size()); entry++) {
        String digest = digest(values.get(at).get(entry));
        copies.get(at).seen().put(digest, -reading);
        lost += seenBefore.get(at).contains(digest) && added.get(entry).equals("1") ? 1 : 0;
      }
    }
    if (lost > 0) {
      notices.lost(kind, lost);
    }
    return taken;
  }

  /** In place of the value, which somebody else may have made long. */
  private static String digest(String value) {
    return Sha256.base64Url(value.getBytes(UTF_8));
  }
}
