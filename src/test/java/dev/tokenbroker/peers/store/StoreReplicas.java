package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeListener;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/** Three replicas at one server, each with a client of its own. */
final class StoreReplicas implements AutoCloseable {

  /** More than the settings allow, since all replicas of a test share the machine. */
  private static final int MOST_MILLIS = 5_000;

  private final Vertx vertx = Vertx.vertx();
  private final List<StoreClient> clients;
  private final List<ValkeyStore> stores = new ArrayList<>();
  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private final Map<Integer, StoreNotices> notices = new HashMap<>();
  private List<StoreHealth> health = healths();

  StoreReplicas(ValkeyServer server) {
    clients = IntStream.range(0, 3).mapToObj(_ -> ChosenStore.client(vertx, server)).toList();
    // A busy machine takes longer for the first TLS handshakes than a call may take.
    clients.forEach(
        client ->
            client.keepOpen().otherwiseEmpty().toCompletionStage().toCompletableFuture().join());
  }

  /** Three stores with that key. */
  List<ValkeyStore> all(Path key) {
    return IntStream.range(0, 3).mapToObj(at -> one(at, key)).toList();
  }

  /** The store of one replica. */
  ValkeyStore one(int at, Path... keys) {
    return one(at, TestStoreSettings.withKeys(keys));
  }

  ValkeyStore one(int at, TestStoreSettings settings) {
    return one(at, settings, InstantSource.system());
  }

  /** The store of a replica with another clock. */
  ValkeyStore one(int at, TestStoreSettings settings, InstantSource clock) {
    return one(at, settings, clock, new StoreNotices(changes::add, settings));
  }

  /** The store of a replica that tells each loss, not one in a minute. */
  ValkeyStore talkative(int at, Path key) {
    TestStoreSettings settings = TestStoreSettings.withKeys(key);
    return one(at, settings, InstantSource.system(), new StoreNotices(changes::add, settings, 0));
  }

  private ValkeyStore one(
      int at, TestStoreSettings settings, InstantSource clock, StoreNotices noticed) {
    notices.put(at, noticed);
    ValkeyStore store =
        new ValkeyStore(
            settings,
            new StoreKeys(settings),
            new BoundedCalls(clients.get(at), health.get(at), settings, MOST_MILLIS),
            health.get(at),
            noticed,
            clock);
    stores.add(store);
    return store;
  }

  StoreHealth.Status status(int at) {
    return health.get(at).status();
  }

  /** Whether that replica trusts the store, and its own clock. */
  boolean fit(int at) {
    return Objects.requireNonNull(notices.get(at)).status().fit();
  }

  /** What the stores have noticed that operators should see. */
  List<Change> changes() {
    return changes;
  }

  /** Ends the stores, so that a test finds none of another. */
  void end() {
    stores.forEach(ValkeyStore::stop);
    stores.clear();
    changes.clear();
    health = healths();
  }

  @Override
  public void close() {
    end();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static List<StoreHealth> healths() {
    return IntStream.range(0, 3).mapToObj(_ -> new StoreHealth(ChangeListener.NONE)).toList();
  }
}
