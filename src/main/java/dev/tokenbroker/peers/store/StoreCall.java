package dev.tokenbroker.peers.store;

import java.util.Locale;

/** The kinds of calls of the store. A server can answer one kind and refuse another. */
public enum StoreCall {
  /** Reads logs and values; answered by each server that can be reached. */
  READ,
  /** Writes that need memory: claims and their confirmation. A full server refuses. */
  CLAIM,
  /** Announces and removes; a full server may still do so, one that is read-only does not. */
  WRITE;

  /** The kind in meters, log lines and the health: {@code reads}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT) + "s";
  }
}
