package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A store in memory that several replicas of one test share, and that can be away. */
public final class TestStore implements SharedStore {

  /** How far the clocks of its replicas may be apart. */
  public static final Duration MAX_SKEW = Duration.ofSeconds(5);

  private final Map<String, StoreClaim.Mine> claims = new HashMap<>();
  private final Set<StoreClaim.Mine> confirmed = new HashSet<>();
  private final Map<LogKind, Set<LogEntry>> entries = new EnumMap<>(LogKind.class);
  private final Map<LogKind, List<StoreLog.LogListener>> listeners = new EnumMap<>(LogKind.class);
  private boolean away;
  private Function<ClaimedName, Optional<StoreClaim.Denied>> lost = _ -> Optional.empty();
  private Duration lastTtl = Duration.ZERO;
  private Duration silence = Duration.ZERO;

  /** Whether it does not answer. When it is back, the replicas announce what they know. */
  public synchronized void away(boolean now) {
    away = now;
    if (!now) {
      listeners.forEach(
          (kind, all) ->
              all.stream()
                  .flatMap(one -> one.known().stream())
                  .toList()
                  .forEach(e -> add(kind, e)));
    }
  }

  /** Forgets all claims, and knows that it has, by that clock. */
  public synchronized void lose(InstantSource clock) {
    claims.clear();
    StoreClaim.Forgotten forgotten = new StoreClaim.Forgotten(clock.instant().plus(MAX_SKEW));
    lost =
        name -> Optional.of(forgotten).filter(of -> of.covers(name, clock.instant())).map(of -> of);
  }

  /** How long it keeps the claim that was made last. */
  public synchronized Duration lastTtl() {
    return lastTtl;
  }

  /** For how long no replica has read its logs. */
  public synchronized void silent(Duration now) {
    silence = now;
  }

  /** How many claims it has. */
  public synchronized int size() {
    return claims.size();
  }

  @Override
  public synchronized StoreClaim claim(ClaimedName name) {
    Optional<StoreClaim.Denied> denied = look(name);
    if (denied.isPresent()) {
      return denied.get();
    }
    StoreClaim.Mine mine = StoreClaim.Mine.unshared(name.kind(), TestClock.START.plus(name.ttl()));
    claims.put(name.kind() + name.id(), mine);
    lastTtl = name.ttl();
    return mine;
  }

  @Override
  public synchronized void confirm(StoreClaim.Mine claim) {
    confirmed.add(claim);
  }

  @Override
  public synchronized void giveBack(StoreClaim.Mine claim) {
    claims.values().remove(claim);
  }

  @Override
  public synchronized Optional<StoreClaim.Denied> look(ClaimedName name) {
    if (away) {
      return Optional.of(new StoreClaim.Unavailable());
    }
    return Optional.ofNullable(claims.get(name.kind() + name.id()))
        .<StoreClaim.Denied>map(
            claim ->
                confirmed.contains(claim)
                    ? new StoreClaim.Held(TestClock.START)
                    : new StoreClaim.Undecided(TestClock.START))
        .or(() -> lost.apply(name));
  }

  /** The listener hears all entries at once, and later ones when they are announced. */
  @Override
  public synchronized StoreLog listen(LogKind kind, StoreLog.LogListener listener) {
    listeners.computeIfAbsent(kind, _ -> new ArrayList<>()).add(listener);
    entries.computeIfAbsent(kind, _ -> new LinkedHashSet<>()).forEach(listener::heard);
    return new StoreLog() {
      @Override
      public boolean announce(LogEntry entry) {
        return add(kind, entry);
      }

      @Override
      public Duration silence() {
        return silence;
      }

      @Override
      public boolean awaitRead(Duration most) {
        return silence.compareTo(most) <= 0;
      }
    };
  }

  private synchronized boolean add(LogKind kind, LogEntry entry) {
    if (away) {
      return false;
    }
    Set<LogEntry> log = entries.computeIfAbsent(kind, _ -> new LinkedHashSet<>());
    log.removeIf(old -> old.written().isBefore(entry.written().minus(kind.keep())));
    if (log.add(entry)) {
      listeners.getOrDefault(kind, List.of()).forEach(listener -> listener.heard(entry));
    }
    return true;
  }
}
