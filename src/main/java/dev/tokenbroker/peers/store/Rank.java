package dev.tokenbroker.peers.store;

/**
 * The place of a replica among those that are up, in the order of their names.
 *
 * @param before how many come before it
 * @param size how many there are, this one included
 */
public record Rank(int before, int size) {

  /** The rank of a replica that shares nothing. */
  public static final Rank ALONE = new Rank(0, 1);

  /**
   * @throws IllegalArgumentException if the place is not one of them
   */
  public Rank {
    if (before < 0 || before >= size) {
      throw new IllegalArgumentException(before + " of " + size);
    }
  }
}
