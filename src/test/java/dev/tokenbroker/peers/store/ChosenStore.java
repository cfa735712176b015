package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.ChangeListener;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

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

  /** An empty store. What a test got before is emptied, too. */
  public static SharedStore empty() {
    return isServer() ? Server.ONE.empty() : new OneReplica();
  }

  /** A client for that server; it ends with Vert.x. */
  static StoreClient client(Vertx vertx, ValkeyServer server) {
    Redis first = redis(vertx, server);
    return new StoreClient(() -> first, () -> redis(vertx, server), System::nanoTime);
  }

  private static Redis redis(Vertx vertx, ValkeyServer server) {
    RedisOptions options =
        new RedisOptions()
            .setConnectionString(server.address())
            .setMaxPoolSize(16)
            .setMaxPoolWaiting(1000);
    options
        .getNetClientOptions()
        .setSsl(true)
        .setReadIdleTimeout(IDLE_SECONDS)
        .setHostnameVerificationAlgorithm("HTTPS")
        .setTrustOptions(new PemTrustOptions().addCertPath(server.root().toString()));
    return Redis.createClient(vertx, options);
  }

  /** A server that is started once for the process, and ends with it. */
  private record Server(ValkeyServer server, ValkeyStore store) {

    static final Server ONE = start();

    private static Server start() {
      try {
        Path directory = Files.createTempDirectory("store");
        Path key = Files.writeString(directory.resolve("store.key"), "k".repeat(32));
        ValkeyServer server = ValkeyServer.start(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        StoreClient client = client(Vertx.vertx(), server);
        TestStoreSettings settings = TestStoreSettings.withKeys(key);
        StoreHealth health = new StoreHealth(ChangeListener.NONE);
        return new Server(
            server,
            new ValkeyStore(
                settings,
                new StoreKeys(settings),
                new ValkeyCalls(client, health, settings),
                health,
                InstantSource.system()));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    SharedStore empty() {
      assertThat(server.admin("FLUSHALL")).containsExactly("OK");
      return store;
    }
  }
}
