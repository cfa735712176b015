package dev.tokenbroker.base.share;

import dev.tokenbroker.base.refusal.Refusal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts the places of each holder in one bounded memory, and refuses the one that has its share.
 * The memory itself bounds how many holders there are. Safe for use by several threads.
 */
public final class Shares {

  private final Bounded memory;
  private final int most;
  private final Map<Holder, Integer> places = new HashMap<>();
  private final Map<String, Integer> ofIssuers = new HashMap<>();

  /**
   * @param most how many places the memory has
   */
  public Shares(Bounded memory, int most) {
    this.memory = memory;
    this.most = most;
  }

  /** The refusal of a holder that has its share, or whose issuer has; empty if it may take one. */
  public synchronized Optional<Refusal> look(Holder holder) {
    if (places.getOrDefault(holder, 0) >= memory.ofOne(most)) {
      return Optional.of(refusal(memory.ofOne(most), "this caller"));
    }
    boolean full =
        !holder.issuer().isEmpty()
            && ofIssuers.getOrDefault(holder.issuer(), 0) >= memory.ofIssuer(most);
    return full
        ? Optional.of(refusal(memory.ofIssuer(most), "issuer " + holder.issuer()))
        : Optional.empty();
  }

  /** The holder takes a place. */
  public synchronized void add(Holder holder) {
    places.merge(holder, 1, Integer::sum);
    ofIssuers.merge(holder.issuer(), 1, Integer::sum);
  }

  /** A place of the holder is free again. */
  public synchronized void remove(Holder holder) {
    places.computeIfPresent(holder, (_, count) -> count == 1 ? null : count - 1);
    ofIssuers.computeIfPresent(holder.issuer(), (_, count) -> count == 1 ? null : count - 1);
  }

  private Refusal refusal(int share, String of) {
    return Refusal.of(memory.reason())
        .expected("fewer than %d %s of %s".formatted(share, memory.label(), of))
        .seen("that many");
  }
}
