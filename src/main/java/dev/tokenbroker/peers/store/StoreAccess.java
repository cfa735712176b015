package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The way to the server: the names by the present keys, the calls, and the values that are not
 * authentic. Safe for use by any number of threads.
 */
final class StoreAccess {

  private final StoreSettings settings;
  private final StoreKeys keys;
  private final ValkeyCalls calls;
  private final StoreHealth health;
  private final Map<StoreKind, Semaphore> places = new ConcurrentHashMap<>();

  StoreAccess(StoreSettings settings, StoreKeys keys, ValkeyCalls calls, StoreHealth health) {
    this.settings = settings;
    this.keys = keys;
    this.calls = calls;
    this.health = health;
  }

  /** As {@link StoreClient#mend}. */
  void mend() {
    calls.client().mend();
  }

  StoreHealth health() {
    return health;
  }

  /** The present keys. */
  List<StoreKey> keys() {
    return keys.current();
  }

  StoreNames names(StoreKind kind, String id) {
    return names(kind.label(), id);
  }

  /** The names of a log. */
  StoreNames names(LogKind kind) {
    return names(kind.label(), "log");
  }

  /** The name of an epoch. It is in clear, so that a replica with another key finds it. */
  String epoch(StoreKind kind) {
    return "{%s:%s}:epoch".formatted(settings.prefix(), kind.label());
  }

  StoreSettings settings() {
    return settings;
  }

  private StoreNames names(String label, String id) {
    List<StoreKey> present = keys.current();
    return new StoreNames(
        present, present.stream().map(key -> key.name(settings.prefix(), label, id)).toList());
  }

  /**
   * Makes a call for a request of a caller. Names of one kind have half of all places, so that a
   * flood of proofs leaves room for credentials, and all leave room for logs and rounds.
   */
  StoreReply placed(StoreKind kind, Supplier<StoreReply> call) {
    Semaphore free = places.computeIfAbsent(kind, _ -> new Semaphore(settings.maxConcurrent() / 2));
    if (!free.tryAcquire()) {
      health.waited();
      return new StoreReply.Away(false);
    }
    try {
      return call.get();
    } finally {
      free.release();
    }
  }

  /** Sends requests together whose responses are no list of values. */
  StoreReply call(StoreCall kind, List<Request> requests) {
    return call(kind, requests, ValkeyCalls.UNREAD);
  }

  /** Sends a script that returns that many values, or none at all. */
  StoreReply call(StoreCall kind, Request script, int values) {
    return call(kind, List.of(script), values);
  }

  /**
   * Sends the requests together; an interrupted thread stays interrupted.
   *
   * @param values how many values the first response has, unless it has none
   */
  StoreReply call(StoreCall kind, List<Request> requests, int values) {
    try {
      return calls.call(kind, requests, values);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new StoreReply.Away(true);
    }
  }

  /** Reads a value; one that no replica wrote is noted, and counts as absent. */
  Optional<StoreKey.Opened> open(StoreNames names, int at, String value) {
    Optional<StoreKey.Opened> opened =
        names.keys().get(at).open(new StoredValue(names.texts().get(at), value));
    if (opened.isEmpty()) {
      health.foreign();
    }
    return opened;
  }

  /** The text of each value in a list, empty for none. */
  static List<String> texts(@Nullable Response list) {
    Response values = Objects.requireNonNull(list, "each script returns a list");
    return IntStream.range(0, values.size())
        .mapToObj(values::get)
        .map(value -> value == null ? "" : value.toString())
        .toList();
  }

  /**
   * The names of one id in the store, one by each key.
   *
   * @param texts in the order of the keys
   */
  record StoreNames(List<StoreKey> keys, List<String> texts) {

    /** The content as a value for each name. */
    List<StoredValue> seal(Instant now, byte[] content) {
      return IntStream.range(0, texts.size())
          .mapToObj(at -> keys.get(at).seal(texts.get(at), now, content))
          .toList();
    }
  }
}
