package dev.tokenbroker.exchange;

import java.util.List;

/**
 * Is told of every evaluation, once, before its answer is sent. Must be safe for use by many
 * threads. Where it throws, the evaluations that it was told of are refused.
 */
@FunctionalInterface
public interface ExchangeObserver {

  /** One has ended. Called in the context of its caller: must not block. */
  void ended(ExchangeRecord record);

  /**
   * Some have ended at the same time, each of which it was told of before; their answers wait until
   * this returns. For observers to which many at once are cheaper than one by one.
   *
   * @param records one at least; in the order in which they ended
   */
  default void keep(List<ExchangeRecord> records) {}
}
