package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.Rounds;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Who is up among the replicas that share the store, and what each tells about itself. Operators
 * hear of it by {@link RosterNews}. A broker that shares nothing is alone on its roster. Safe for
 * use by any number of threads; looks never wait.
 */
@Singleton
public final class Roster implements StoreLog.LogListener {

  /*
   * The idea. Each replica announces itself every two seconds, with a number that grows. A replica
   * is up as long as its number has grown within ten seconds by the monotonic clock of the one who
   * looks. So no wall clock counts, and an old message that a thief puts back counts for nothing.
   *
   * While this replica cannot read the log, nobody goes: it knows nothing new. Once it reads again,
   * each replica that it knew has ten seconds to be heard. A replica that stops says so. A message
   * from before the start of this replica counts as one of now.
   */

  /** How often a replica announces itself. */
  public static final Duration EVERY = Duration.ofSeconds(2);

  /** How long a replica counts as up after its last message. */
  public static final Duration LAPSE = Duration.ofSeconds(10);

  /** How long a replica may hear nothing before the store counts as away. */
  static final Duration INTERRUPTION = EVERY.multipliedBy(2);

  /** How many processes are remembered, those that went within {@link #REMEMBERED} included. */
  private static final int MOST = 1000;

  private static final Duration REMEMBERED = Duration.ofMinutes(2);

  private final boolean shared;
  private final Clocks clock;
  private final StoreLog log;
  private final String id = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
  private final AtomicLong sequence = new AtomicLong();
  private final Map<String, Supplier<String>> facts = new ConcurrentSkipListMap<>();
  private final Map<String, Heard> others = new ConcurrentHashMap<>();
  private final RosterNews news;
  private final Rounds rounds = new Rounds(Roster.class, "roster", "A round of the roster failed");
  private long readNanos; // guarded by this
  private long graceNanos; // guarded by this

  /**
   * The last message of another replica.
   *
   * @param nanos the monotonic time when it was heard
   */
  private record Heard(Replica replica, long nanos) {}

  @Inject
  Roster(StoreSettings settings, SharedStore store, Clocks clock, ChangeListener changes) {
    this(settings.shared(), store, clock, changes);
    if (shared) {
      String name = ReplicaName.of(settings);
      tell(Replica.NAME, () -> name);
    }
  }

  /** A roster without settings: of one process, or of a test. */
  public Roster(boolean shared, SharedStore store, Clocks clock) {
    this(shared, store, clock, ChangeListener.NONE);
  }

  Roster(boolean shared, SharedStore store, Clocks clock, ChangeListener changes) {
    this.shared = shared;
    this.clock = clock;
    this.news = new RosterNews(changes);
    this.readNanos = clock.nanoTime();
    this.graceNanos = readNanos;
    this.log = store.listen(LogKind.REPLICAS, this);
  }

  /** Whether there can be other replicas. */
  public boolean isShared() {
    return shared;
  }

  /** The random name of this process. */
  public String id() {
    return id;
  }

  /**
   * Has this replica tell a fact from its next message on. For each message, the facts are asked
   * one after the other, in the order of their names.
   *
   * @param fact gives the present value, short and without secrets; it must not wait
   */
  public void tell(String name, Supplier<String> fact) {
    facts.put(name, fact);
  }

  /** The other replicas that are up; the last ones known while the store is away. */
  public List<Replica> others() {
    return up().map(Heard::replica).toList();
  }

  private Stream<Heard> up() {
    long read = lastRead();
    return others.values().stream()
        .filter(heard -> !heard.replica().leaving() && isRecent(heard, read))
        .sorted(Comparator.comparing(heard -> heard.replica().id()));
  }

  /** How many replicas are up, this one included. */
  public int size() {
    return 1 + others().size();
  }

  /** The place of this replica among those that are up. */
  public Rank rank() {
    List<Replica> up = others();
    long before = up.stream().filter(other -> other.id().compareTo(id) < 0).count();
    return new Rank((int) before, 1 + up.size());
  }

  /** This replica as its next message will describe it. */
  public Replica self() {
    return describe(false);
  }

  /** All replicas that are up, this one first, and the time since the last message of each. */
  public Map<Replica, Duration> all() {
    long now = clock.nanoTime();
    Map<Replica, Duration> all = new LinkedHashMap<>();
    all.put(self(), Duration.ZERO);
    up().forEach(heard -> all.put(heard.replica(), Duration.ofNanos(now - heard.nanos())));
    return all;
  }

  /** For how long this replica has heard nothing; see {@link StoreLog#silence}. */
  public Duration silence() {
    return log.silence();
  }

  /** As {@link StoreLog#awaitRead}. */
  public boolean awaitRead(Duration most) {
    return log.awaitRead(most);
  }

  @Override
  public void heard(LogEntry entry) {
    Replica.read(entry.content()).filter(told -> !told.id().equals(id)).ifPresent(this::note);
  }

  private void note(Replica replica) {
    Heard before = others.get(replica.id());
    if (before == null ? others.size() < MOST : replica.sequence() > before.replica().sequence()) {
      others.put(replica.id(), new Heard(replica, clock.nanoTime()));
    }
  }

  @Override
  public List<LogEntry> known() {
    return List.of(); // the next message comes soon
  }

  /** Announces this replica, tells operators who is up, and forgets those that went. */
  public void round() {
    Replica self = describe(false);
    announce(self);
    news.look(self, others(), this::isStopped);
    long read = lastRead();
    others.values().removeIf(heard -> read - heard.nanos() > REMEMBERED.toNanos());
  }

  /** The monotonic time of the last reading. A long interruption begins the grace of all. */
  private synchronized long lastRead() {
    long read = clock.nanoTime() - log.silence().toNanos();
    if (read - readNanos > INTERRUPTION.toNanos()) {
      graceNanos = read;
    }
    readNanos = Math.max(read, readNanos);
    return readNanos;
  }

  private synchronized boolean isRecent(Heard heard, long read) {
    return read - Math.max(heard.nanos(), graceNanos) < LAPSE.toNanos();
  }

  /** Whether the last message of the replica says that it stops. */
  private boolean isStopped(Replica gone) {
    Heard last = others.get(gone.id());
    return last != null && last.replica().leaving();
  }

  private Replica describe(boolean leaving) {
    SortedMap<String, String> told = new TreeMap<>();
    facts.forEach((name, fact) -> told.put(name, fact.get()));
    return new Replica(id, sequence.incrementAndGet(), leaving, told);
  }

  private boolean announce(Replica replica) {
    return log.announce(new LogEntry(clock.instant(), replica.content()));
  }

  void start(@Observes Startup event) {
    if (shared) {
      rounds.begin(Duration.ZERO, EVERY, this::round);
    }
  }

  public void stop(@Observes Shutdown event) {
    rounds.close();
    if (shared) {
      announce(describe(true));
    }
  }

  /** Finds the name of this replica for operators. */
  static final class ReplicaName {

    private static final int MOST = 64;

    private ReplicaName() {}

    /** The name by the settings, else by the environment, else by the machine. */
    static String of(StoreSettings settings) {
      return cut(settings.replicaName().orElseGet(ReplicaName::ofHost));
    }

    private static String ofHost() {
      String name = System.getenv("HOSTNAME");
      if (name != null && !name.isBlank()) {
        return name;
      }
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException unnamed) { // a machine whose own name does not resolve
        return "(unnamed)";
      }
    }

    private static String cut(String name) {
      return name.length() > MOST ? name.substring(0, MOST) : name;
    }
  }

  /**
   * The place of a replica among those that are up, in the order of their names.
   *
   * @param before how many come before it
   * @param size how many there are, this one included
   */
  public record Rank(int before, int size) {

    /** The rank of a replica that shares nothing. */
    public static final Rank ALONE = new Rank(0, 1);

    /**
     * @throws IllegalArgumentException if the place is not one of them
     */
    public Rank {
      if (before < 0 || before >= size) {
        throw new IllegalArgumentException(before + " of " + size);
      }
    }
  }
}
