package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import dev.tokenbroker.peers.store.StoreAccess.StoreNames;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** The store in a Valkey or Redis server. */
@Singleton
@Typed(ValkeyStore.class)
final class ValkeyStore implements SharedStore {

  private static final int CONNECTING_SECONDS = 5;

  private final StoreAccess access;
  private final StoreNotices notices;
  private final InstantSource clock;
  private final StoreRounds rounds;
  private final ValkeyClaims claims;
  private final SealedContent sealing = new SealedContent();

  ValkeyStore(
      StoreSettings settings,
      StoreKeys keys,
      ValkeyCalls calls,
      StoreHealth health,
      StoreNotices notices,
      InstantSource clock) {
    this.access = new StoreAccess(settings, keys, calls, health);
    this.clock = clock;
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
  public void putSealed(StoreKind kind, String id, byte[] secret, byte[] content, Duration ttl) {
    StoreNames names = access.names(kind, id);
    Instant now = clock.instant();
    SecretKey key = names.keys().getFirst().derive(secret);
    byte[] sealed = sealing.seal(key, names.texts().getFirst(), now, content);
    List<Request> put = List.of(ValkeyScripts.put(names.seal(now, sealed).getFirst(), ttl));
    var _ = access.placed(kind, () -> access.call(StoreCall.CLAIM, put));
  }

  @Override
  public Optional<byte[]> getSealed(StoreKind kind, String id, byte[] secret) {
    StoreNames names = access.names(kind, id);
    List<Request> look = List.of(ValkeyScripts.look(names.texts()));
    return switch (access.placed(
        kind, () -> access.call(StoreCall.READ, look, names.texts().size()))) {
      case StoreReply.Away _ -> Optional.empty();
      case StoreReply.Answered(List<@Nullable Response> responses) -> {
        List<String> found = StoreAccess.texts(responses.getFirst());
        yield IntStream.range(0, found.size())
            .filter(at -> !found.get(at).isEmpty())
            .mapToObj(at -> opened(names, at, found.get(at), secret))
            .flatMap(Optional::stream)
            .findFirst();
      }
    };
  }

  private Optional<byte[]> opened(StoreNames names, int at, String value, byte[] secret) {
    return access
        .open(names, at, value)
        .flatMap(
            opened ->
                SealedContent.open(
                    names.keys().get(at).derive(secret),
                    names.texts().get(at),
                    opened.written(),
                    opened.content()));
  }

  @Override
  public void remove(StoreKind kind, String id) {
    var _ =
        access.call(StoreCall.WRITE, List.of(ValkeyScripts.remove(access.names(kind, id).texts())));
  }

  @Override
  public StoreLog listen(LogKind kind, LogListener listener) {
    ValkeyLog log = new ValkeyLog(access, kind, listener, notices);
    rounds.add(log::round);
    return log;
  }

  @PreDestroy
  void stop() {
    rounds.close();
  }
}
