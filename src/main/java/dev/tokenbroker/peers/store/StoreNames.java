package dev.tokenbroker.peers.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The names of one id in the store, one by each key.
 *
 * @param texts in the order of the keys
 */
record StoreNames(List<StoreKey> keys, List<String> texts) {

  static StoreNames of(List<StoreKey> keys, String prefix, StoreKind kind, String id) {
    return of(keys, prefix, kind.label(), id);
  }

  /** The names of a log. */
  static StoreNames of(List<StoreKey> keys, String prefix, LogKind kind) {
    return of(keys, prefix, kind.label(), "log");
  }

  private static StoreNames of(List<StoreKey> keys, String prefix, String label, String id) {
    return new StoreNames(keys, keys.stream().map(key -> key.name(prefix, label, id)).toList());
  }

  /** The content as a value for each name. */
  List<StoredValue> seal(Instant now, byte[] content) {
    return IntStream.range(0, texts.size())
        .mapToObj(at -> keys.get(at).seal(texts.get(at), now, content))
        .toList();
  }

  /** The value found under the name at that place; empty unless its key has authenticated it. */
  Optional<StoreKey.Opened> open(int at, String value) {
    return keys.get(at).open(new StoredValue(texts.get(at), value));
  }
}
