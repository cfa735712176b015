package dev.tokenbroker.command;

/**
 * The reason why a command cannot do its job. It is an exception, unlike a refusal, since it ends
 * the process with one line wherever it is found.
 */
final class Failure extends Exception {

  private final ExitCode code;

  /**
   * @param message one line for a person, without a full stop; never any part of a credential
   */
  Failure(ExitCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  ExitCode code() {
    return code;
  }

  /** The line to show. */
  String line() {
    return String.valueOf(getMessage());
  }
}
