package dev.tokenbroker.command;

/**
 * Why a command cannot do its job. An exception, unlike a refusal, since it ends the process
 * wherever it is found, with one line.
 */
final class Failure extends Exception {

  private final ExitCode code;

  /**
   * @param message one line for a person, without a full stop; never holds anything of a credential
   */
  Failure(ExitCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  ExitCode code() {
    return code;
  }

  /** The line. */
  String line() {
    return String.valueOf(getMessage());
  }
}
