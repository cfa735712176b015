package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.text.Sha256;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * The keys of the store, from the files that the settings name. The files are read again when a key
 * is needed and the last read is {@link #EVERY} ago. Unusable files leave the keys as they were and
 * are logged once. Safe for use by any number of threads.
 */
@Singleton
public final class StoreKeys {

  static final int MAX_FILES = 4;

  /** The SHA-256 of the key in the sources until the set-up for trying made its own. */
  private static final String PUBLISHED =
      "d5f8314d4787e0d9f8883ec101a729cff3b4871286b5c97031ab70b121f6d63e";

  private static final Logger LOG = Logger.getLogger(StoreKeys.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final List<Path> files;
  private final LongSupplier nanoTime;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile List<StoreKey> keys;
  private volatile long readNanos;
  private String lastProblem = "";

  /**
   * @throws IllegalArgumentException where the files cannot be used
   */
  @Inject
  StoreKeys(StoreSettings settings) {
    this(settings.keyFiles().orElse(List.of()), System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  StoreKeys(List<Path> files, LongSupplier nanoTime) {
    this.files = List.copyOf(files);
    this.nanoTime = nanoTime;
    this.keys =
        switch (read(this.files)) {
          case Usable<List<StoreKey>>(List<StoreKey> read) -> read;
          case Unusable<List<StoreKey>>(String problem) ->
              throw new IllegalArgumentException(problem);
        };
    this.readNanos = nanoTime.getAsLong();
  }

  /** The problem with the files, in words that reveal nothing of them; empty where none. */
  public static Optional<String> problem(StoreSettings settings) {
    return read(settings.keyFiles().orElse(List.of())).fault();
  }

  /** The keys in order; the first one writes. The same list as long as they are the same keys. */
  List<StoreKey> current() {
    if (nanoTime.getAsLong() - readNanos > EVERY.toNanos() && reading.tryLock()) {
      try {
        reread();
      } finally {
        reading.unlock();
      }
    }
    return keys;
  }

  private void reread() {
    FileContent<List<StoreKey>> now = read(files);
    readNanos = nanoTime.getAsLong();
    String problem = now.fault().orElse("");
    if (now instanceof Usable<List<StoreKey>>(List<StoreKey> read)) {
      keys = areSame(read, keys) ? keys : read;
    } else if (!problem.equals(lastProblem)) {
      LOG.errorf("token-broker.store.key-files %s; the keys stay as they were", problem);
    }
    lastProblem = problem;
  }

  private static boolean areSame(List<StoreKey> one, List<StoreKey> other) {
    return one.size() == other.size()
        && IntStream.range(0, one.size()).allMatch(at -> one.get(at).isSame(other.get(at)));
  }

  private static FileContent<List<StoreKey>> read(List<Path> files) {
    if (files.isEmpty() || files.size() > MAX_FILES) {
      return new Unusable<>("names " + files.size() + " files");
    }
    List<StoreKey> keys = new ArrayList<>();
    for (Path file : files) {
      switch (FileContent.bytes(file, StoreKey.MAX_BYTES).then(StoreKeys::key)) {
        case Usable<StoreKey>(StoreKey key) -> keys.add(key);
        case Unusable<StoreKey>(String problem) -> {
          return new Unusable<>("names " + file + ", which " + problem);
        }
      }
    }
    return new Usable<>(List.copyOf(keys));
  }

  private static FileContent<StoreKey> key(byte[] secret) {
    if (Sha256.hex(secret).equals(PUBLISHED)) {
      return new Unusable<>("is a key that our sources had, so that everybody knows it");
    }
    return secret.length < StoreKey.MIN_BYTES
        ? new Unusable<>("has fewer than " + StoreKey.MIN_BYTES + " bytes")
        : new Usable<>(new StoreKey(secret));
  }
}
