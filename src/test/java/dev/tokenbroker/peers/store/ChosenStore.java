package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.ChangeListener;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/**
 * The store of a test that means one replica: none, or a real server with {@code
 * -Dtest.store=valkey}. What the test shows must hold with either.
 */
public final class ChosenStore {

  /** After how long a connection that brings nothing ends, as in application.properties. */
  static final int IDLE_SECONDS = 3;

  private ChosenStore() {}

  static boolean isServer() {
    return "valkey".equals(System.getProperty("test.store"));
  }

  /** An empty store. */
  public static SharedStore empty() {
    return isServer() ? Server.ONE.empty() : new OneReplica();
  }

  /** A client for that server; it ends with Vert.x. */
  static StoreClient client(Vertx vertx, ValkeyServer server) {
    return client(vertx, server, server.address());
  }

  /** A client that finds the server at that address. */
  static StoreClient client(Vertx vertx, ValkeyServer server, String address) {
    Redis first = redis(vertx, server, address);
    return new StoreClient(() -> first, () -> redis(vertx, server, address), System::nanoTime);
  }

  private static Redis redis(Vertx vertx, ValkeyServer server, String address) {
    RedisOptions options =
        new RedisOptions().setConnectionString(address).setMaxPoolSize(16).setMaxPoolWaiting(1000);
    options
        .getNetClientOptions()
        .setSsl(true)
        .setReadIdleTimeout(IDLE_SECONDS)
        .setHostnameVerificationAlgorithm("HTTPS")
        .setTrustOptions(new PemTrustOptions().addCertPath(server.root().toString()));
    return Redis.createClient(vertx, options);
  }

  /**
   * A server that is started once for the process, and ends with it. Each store has a prefix of its
   * own, since it would notice if the server were emptied.
   */
  private record Server(StoreClient client, Path key, Deque<ValkeyStore> stores) {

    static final Server ONE = start();

    /** Older stores make no more rounds. */
    private static final int MOST_IN_USE = 8;

    private static Server start() {
      try {
        Path directory = Files.createTempDirectory("store");
        Path key = Files.writeString(directory.resolve("store.key"), "k".repeat(32));
        ValkeyServer server = ValkeyServer.start(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return new Server(ChosenStore.client(Vertx.vertx(), server), key, new ArrayDeque<>());
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    synchronized SharedStore empty() {
      TestStoreSettings settings =
          TestStoreSettings.withKeys(key).patient().withPrefix("token-broker:" + UUID.randomUUID());
      StoreHealth health = new StoreHealth(ChangeListener.NONE);
      ValkeyStore store =
          new ValkeyStore(
              settings,
              new StoreKeys(settings),
              new ValkeyCalls(client, health, settings),
              health,
              new StoreNotices(ChangeListener.NONE, settings),
              InstantSource.system());
      stores.add(store);
      if (stores.size() > MOST_IN_USE) {
        stores.removeFirst().stop();
      }
      return store;
    }
  }
}
