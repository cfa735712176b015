package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.impl.types.MultiType;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims while a server takes its time. */
class ValkeyClaimsTest {

  private final StoreHealth health = new StoreHealth(ChangeListener.NONE);
  private final Promise<Object> answers = Promise.promise();
  private final Latch asked = new Latch(192);
  private final StoreAccess access;
  private final ValkeyClaims claims;

  ValkeyClaimsTest(@TempDir Path directory) throws IOException {
    Path key = Files.writeString(directory.resolve("store.key"), "k".repeat(32));
    TestStoreSettings settings = TestStoreSettings.withKeys(key);
    Object connection =
        proxy(
            RedisConnection.class,
            (_, method, _) -> {
              if (method.getName().equals("close")) {
                return Future.succeededFuture();
              }
              asked.countDown();
              return answers.future();
            });
    Redis redis = (Redis) proxy(Redis.class, (_, _, _) -> Future.succeededFuture(connection));
    StoreClient client = new StoreClient(() -> redis, () -> redis, System::nanoTime);
    TestClock clock = new TestClock();
    access =
        new StoreAccess(
            settings, new StoreKeys(settings), new ValkeyCalls(client, health, settings), health);
    claims = new ValkeyClaims(access, clock, new StoreRounds(access, clock), Map.of());
  }

  @Test
  void a_flood_of_one_kind_leaves_places_for_others_without_failure() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var all =
          IntStream.range(0, 64)
              .boxed()
              .flatMap(
                  at ->
                      Stream.of(StoreKind.PROOF, StoreKind.ASSERTION, StoreKind.CREDENTIAL)
                          .map(kind -> callers.submit(() -> claims.claim(named(kind, "" + at)))))
              .toList();
      asked.await();

      assertThat(claims.claim(named(StoreKind.PROOF, "one more")))
          .isInstanceOf(StoreClaim.Unavailable.class);
      for (StoreKind kind : List.of(StoreKind.ASSERTION, StoreKind.CREDENTIAL)) {
        assertThat(claims.look(named(kind, "one more")))
            .containsInstanceOf(StoreClaim.Unavailable.class);
      }
      assertThat(health.status().waits()).isEqualTo(3);
      assertThat(health.status().failures()).isZero();

      var round = callers.submit(() -> access.call(StoreCall.READ, List.of(ValkeyScripts.ping())));
      answers.complete(List.of(MultiType.create(0, false)));
      assertThat(round.get()).isInstanceOf(StoreReply.Answered.class);
      for (var claim : all) {
        assertThat(claim.get()).isInstanceOf(StoreClaim.Mine.class);
      }
    }
    assertThat(claims.claim(named(StoreKind.PROOF, "one more")))
        .isInstanceOf(StoreClaim.Mine.class);
  }

  private static ClaimedName named(StoreKind kind, String id) {
    return new ClaimedName(kind, id, null, Duration.ofMinutes(5));
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }
}
