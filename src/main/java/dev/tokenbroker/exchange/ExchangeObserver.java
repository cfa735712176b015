package dev.tokenbroker.exchange;

import java.io.UncheckedIOException;
import java.util.List;

/**
 * Is told of every evaluation, once, before its answer is sent. Must be safe for use by many
 * threads.
 */
@FunctionalInterface
public interface ExchangeObserver {

  /**
   * Keeps the records of some that have ended at the same time, which nobody has been told of;
   * their answers wait until this returns. Where it throws, all of them are refused. That is logged
   * for it, but for an {@link UncheckedIOException}: what it writes to may be out of order for
   * long, which it logs itself, once.
   *
   * @param records one at least; in the order in which they ended
   */
  default void keep(List<ExchangeRecord> records) {}

  /**
   * One has ended, and this is what its caller is told. What it throws changes nothing. Called in
   * the context of its caller: must not block.
   */
  void ended(ExchangeRecord record);
}
