package dev.tokenbroker.base.outcome;

/** Ends the start of the process. Quarkus ignores its own exception of that kind in observers. */
public final class RefusedStart extends RuntimeException {

  private final int exitCode;

  /**
   * @param line the one line for operators
   * @param exitCode of {@code sysexits.h}
   */
  public RefusedStart(String line, int exitCode) {
    super(line, null, false, false);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
