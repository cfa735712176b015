package dev.tokenbroker.bench;

import java.util.function.Consumer;

/** One kind of call to one server. Safe for use by many threads. */
interface Edge extends AutoCloseable {

  /** How a call ends that got what it wanted. */
  String OK = "OK";

  /**
   * Makes one call and does not wait for it.
   *
   * @param number which one; the same number makes the same call
   * @param ended is told once, from any thread and never before this returns, how the call ended:
   *     {@value #OK} or another short name
   */
  void call(int number, Consumer<String> ended);

  @Override
  void close();
}
