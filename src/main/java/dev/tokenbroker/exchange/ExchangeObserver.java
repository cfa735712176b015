package dev.tokenbroker.exchange;

/**
 * Is told of every evaluation, once, before its answer is sent. Called on the thread of the
 * evaluation: it must not block for long, and must be safe for use by many threads.
 */
public interface ExchangeObserver {

  void ended(ExchangeRecord record);
}
