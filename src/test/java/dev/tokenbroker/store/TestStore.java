package dev.tokenbroker.store;

import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A store in memory that several replicas of one test share, and that can be away. */
public final class TestStore implements SharedStore {

  private final Map<String, StoreClaim.Mine> claims = new HashMap<>();
  private final Set<StoreClaim.Mine> confirmed = new HashSet<>();
  private boolean away;

  /** Whether it answers. */
  public synchronized void away(boolean now) {
    away = now;
  }

  /** How many claims it has. */
  public synchronized int size() {
    return claims.size();
  }

  @Override
  public synchronized StoreClaim claim(StoreKind kind, String id, Duration ttl) {
    Optional<StoreClaim.Denied> denied = look(kind, id);
    if (denied.isPresent()) {
      return denied.get();
    }
    StoreClaim.Mine mine = new StoreClaim.Mine(List.of(), List.of(), TestClock.START.plus(ttl));
    claims.put(kind + id, mine);
    return mine;
  }

  @Override
  public synchronized void confirm(StoreClaim.Mine claim) {
    boolean _ = confirmed.add(claim);
  }

  @Override
  public synchronized void giveBack(StoreClaim.Mine claim) {
    boolean _ = claims.values().remove(claim);
  }

  @Override
  public synchronized Optional<StoreClaim.Denied> look(StoreKind kind, String id) {
    if (away) {
      return Optional.of(new StoreClaim.Unavailable());
    }
    return Optional.ofNullable(claims.get(kind + id))
        .map(
            claim ->
                confirmed.contains(claim)
                    ? new StoreClaim.Held(TestClock.START)
                    : new StoreClaim.Undecided(TestClock.START));
  }
}
