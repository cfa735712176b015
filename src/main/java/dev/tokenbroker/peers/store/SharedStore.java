package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import java.time.Duration;
import java.util.Optional;

/**
 * What replicas share. Safe for use by any number of threads. A call may wait for the network, for
 * {@code token-broker.store.timeout-millis} at most, so it must not run on an event loop.
 */
public interface SharedStore {

  /** The longest content that can be sealed, in bytes. */
  int MAX_SEALED_BYTES = StoreKey.MAX_CONTENT_BYTES - SealedContent.OVERHEAD_BYTES;

  /**
   * Claims a name. If several replicas claim the same name, at most one succeeds.
   *
   * <p>Call it only for a name that this process does not hold: a claim of this process that the
   * store still has is then left over from a call whose answer was lost, and is replaced.
   */
  StoreClaim claim(ClaimedName name);

  /**
   * Keeps a name for good, once it was used. Until then other replicas cannot tell whether the name
   * will be given back. If the store does not answer, the process tries again until it does.
   */
  void confirm(StoreClaim.Mine claim);

  /**
   * Gives a name back that was not used, unless somebody else holds it by now. If the store does
   * not answer, the process tries again until it does.
   */
  void giveBack(StoreClaim.Mine claim);

  /** Why a claim would be denied now, without claiming; empty if it would not. */
  Optional<StoreClaim.Denied> look(ClaimedName name);

  /**
   * Keeps content under a name, in place of earlier content, for replicas that know the same
   * secret. Neither the store nor the key of the store reveals it. If the store does not answer,
   * nobody has it.
   *
   * @param id the name in clear; it never leaves the process
   * @param secret of high entropy; it never leaves the process
   * @param content {@value #MAX_SEALED_BYTES} bytes at most
   */
  void putSealed(StoreKind kind, String id, byte[] secret, byte[] content, Duration ttl);

  /**
   * The content that a replica keeps sealed under a name; empty if there is none for that secret,
   * or if the store does not answer.
   */
  Optional<byte[]> getSealed(StoreKind kind, String id, byte[] secret);

  /** Removes what is kept under a name. If the store does not answer, it stays. */
  void remove(StoreKind kind, String id);

  /** Has a listener hear all that replicas announce in a log, from the oldest entry kept. */
  StoreLog listen(LogKind kind, LogListener listener);

  /** The kinds of names in the store. A name of one kind is never one of another. */
  enum StoreKind {
    /** A credential that may be exchanged once. */
    CREDENTIAL("once"),
    /** An assertion that a client signs itself. */
    ASSERTION("assertion"),
    /** A DPoP proof. */
    PROOF("dpop"),
    /** A token, sealed. */
    TOKEN("token"),
    /** The right to sign with a key that no replica has published yet. */
    FIRST_KEY("first-key");

    private final String label;

    StoreKind(String label) {
      this.label = label;
    }

    /** The kind as a part of names in the store; never changes. */
    String label() {
      return label;
    }
  }
}
