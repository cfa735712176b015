package dev.tokenbroker.peers.store;

import java.time.Instant;
import java.util.List;

/** How a claim in the store ended. */
public sealed interface StoreClaim {

  /** The name is the caller's until its time to live ends, or until the caller gives it back. */
  final class Mine implements StoreClaim {

    private final List<StoredValue> written;
    private final List<StoredValue> confirmed;
    private final Instant until;

    /**
     * @param written one value for each key of the store
     * @param confirmed what replaces them when the claim is confirmed
     * @param until when the store forgets the claim by itself
     */
    Mine(List<StoredValue> written, List<StoredValue> confirmed, Instant until) {
      this.written = List.copyOf(written);
      this.confirmed = List.copyOf(confirmed);
      this.until = until;
    }

    List<StoredValue> written() {
      return written;
    }

    /** The values written, without their names. */
    List<String> texts() {
      return written.stream().map(StoredValue::value).toList();
    }

    List<StoredValue> confirmed() {
      return confirmed;
    }

    Instant until() {
      return until;
    }
  }

  /** The name is not the caller's. */
  sealed interface Denied extends StoreClaim {}

  /**
   * A replica has claimed the name for good.
   *
   * @param since by the clock of that replica
   */
  record Held(Instant since) implements Denied {}

  /**
   * A replica has claimed the name and may give it back.
   *
   * @param since by the clock of that replica
   */
  record Undecided(Instant since) implements Denied {}

  /** The store did not answer, so that nobody knows. */
  record Unavailable() implements Denied {}

  /**
   * A value and its name in the store.
   *
   * @param name the HMAC of the name in clear, with prefix and kind
   * @param value time of writing, content, and a MAC over both and the name
   */
  record StoredValue(String name, String value) {}
}
