package dev.tokenbroker.peers.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a claim in the store ended. */
public sealed interface StoreClaim {

  /**
   * A name to claim.
   *
   * @param id the name in clear; it never leaves the process
   * @param issued when the name came into being; null if nobody knows. After a loss the store
   *     denies names that may have been claimed before
   * @param ttl how long nobody else can claim it, by the slowest clock of a replica
   */
  record ClaimedName(StoreKind kind, String id, @Nullable Instant issued, Duration ttl) {}

  /** The name is the caller's until its time to live ends, or until the caller gives it back. */
  final class Mine implements StoreClaim {

    private final StoreKind kind;
    private final String id;
    private final byte[] content;
    private final List<StoredValue> written;
    private final List<StoredValue> confirmed;
    private final Instant until;

    /**
     * @param id the name in clear, to seal the claim by other keys
     * @param content of the confirmed claim
     * @param written one value for each key of the store
     * @param confirmed what replaces them when the claim is confirmed
     * @param until when the store forgets the claim by itself
     */
    Mine(
        StoreKind kind,
        String id,
        byte[] content,
        List<StoredValue> written,
        List<StoredValue> confirmed,
        Instant until) {
      this.kind = kind;
      this.id = id;
      this.content = content.clone();
      this.written = List.copyOf(written);
      this.confirmed = List.copyOf(confirmed);
      this.until = until;
    }

    /** A claim in a broker that shares no store. */
    static Mine unshared(StoreKind kind, Instant until) {
      return new Mine(kind, "", new byte[0], List.of(), List.of(), until);
    }

    StoreKind kind() {
      return kind;
    }

    /** The claim, confirmed, by the present keys. */
    Mine sealed(StoreAccess access, Instant now) {
      List<StoredValue> values = access.names(kind, id).seal(now, content);
      return new Mine(kind, id, content, values, values, until);
    }

    List<StoredValue> written() {
      return written;
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
   * The store has lost claims, and the name may have been one of them.
   *
   * @param upTo names that came into being later are good
   */
  record Forgotten(Instant upTo) implements Denied {

    /** How long a name whose age nobody knows is denied, at least. */
    private static final Duration UNDATED = Duration.ofDays(1);

    /**
     * Whether a name may have been claimed before the loss. In the first moments after it any may:
     * replicas announce what they know again, with claims of issuers whose clock is ahead.
     */
    boolean covers(ClaimedName name, Instant now) {
      Duration age = name.ttl().compareTo(UNDATED) > 0 ? name.ttl() : UNDATED;
      Instant issued = name.issued() == null ? now.minus(age) : name.issued();
      return !now.isAfter(upTo) || !issued.isAfter(upTo);
    }
  }

  /**
   * A value and its name in the store.
   *
   * @param name the HMAC of the name in clear, with prefix and kind
   * @param value time of writing, content, and a MAC over both and the name
   */
  record StoredValue(String name, String value) {}
}
