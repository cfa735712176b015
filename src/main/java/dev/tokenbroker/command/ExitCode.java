package dev.tokenbroker.command;

/** How a command ends: 0 to 2 as usual, above as in {@code sysexits.h} of BSD. */
enum ExitCode {
  /** The answer is yes. */
  OK(0),
  /** The answer is no: refused, invalid, not healthy. */
  REFUSED(1),
  /** The command line is wrong. */
  USAGE(2),
  /** The credential, a document or another input cannot be used. */
  DATA(65),
  /** A file cannot be read. */
  NO_INPUT(66),
  /** The broker cannot be reached. */
  UNAVAILABLE(69),
  /** A bug. */
  SOFTWARE(70),
  /** The operating system refuses an address, a port or a file descriptor. */
  OS(71),
  /** The output cannot be written. */
  IO(74),
  /** The peer does not respond as a broker does. */
  PROTOCOL(76),
  /** A setting is wrong. */
  CONFIG(78);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
