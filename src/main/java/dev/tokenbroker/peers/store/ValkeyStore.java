package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The store in a Valkey or Redis server. */
@Singleton
@Typed(ValkeyStore.class)
final class ValkeyStore implements SharedStore {

  private static final int CONNECTING_SECONDS = 5;

  private final StoreAccess access;
  private final StoreNotices notices;
  private final StoreRounds rounds;
  private final ValkeyClaims claims;

  ValkeyStore(
      StoreSettings settings,
      StoreKeys keys,
      ValkeyCalls calls,
      StoreHealth health,
      StoreNotices notices,
      InstantSource clock) {
    this.access = new StoreAccess(settings, keys, calls, health);
    this.notices = notices;
    this.rounds = new StoreRounds(access, clock);
    Map<StoreKind, StoreEpoch> epochs = new EnumMap<>(StoreKind.class);
    for (StoreKind kind : List.of(StoreKind.CREDENTIAL, StoreKind.ASSERTION, StoreKind.PROOF)) {
      StoreEpoch epoch = new StoreEpoch(access, kind, clock, notices);
      epochs.put(kind, epoch);
      rounds.add(epoch::round);
    }
    this.claims = new ValkeyClaims(access, clock, rounds, epochs);
    // The first connections take longer than a call may, and the client may never say that they
    // failed.
    CompletableFuture<?> _ =
        calls
            .client()
            .keepOpen()
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(CONNECTING_SECONDS, TimeUnit.SECONDS)
            .whenComplete((_, _) -> rounds.begin());
  }

  @Override
  public StoreClaim claim(ClaimedName name) {
    return claims.claim(name);
  }

  @Override
  public void confirm(StoreClaim.Mine claim) {
    claims.confirm(claim);
  }

  @Override
  public void giveBack(StoreClaim.Mine claim) {
    claims.giveBack(claim);
  }

  @Override
  public Optional<StoreClaim.Denied> look(ClaimedName name) {
    return claims.look(name);
  }

  @Override
  public StoreLog listen(LogKind kind, StoreLog.LogListener listener) {
    ValkeyLog log = new ValkeyLog(access, kind, listener, notices);
    rounds.add(log::round);
    return log;
  }

  @PreDestroy
  void stop() {
    rounds.close();
  }
}
