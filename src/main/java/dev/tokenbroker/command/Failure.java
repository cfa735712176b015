package dev.tokenbroker.command;

import java.util.List;

/**
 * The reason why a command cannot do its job. It is an exception, unlike a refusal, since it ends
 * the process with one line wherever it is found. What a running broker refuses is one, too, with
 * its details below.
 */
final class Failure extends Exception {

  private final ExitCode code;
  private final List<String> details;

  /**
   * @param message one line for a person, without a full stop; never any part of a credential
   */
  Failure(ExitCode code, String message) {
    this(code, message, List.of());
  }

  /**
   * As {@link #Failure(ExitCode, String)}.
   *
   * @param details further lines to show below the message
   */
  Failure(ExitCode code, String message, List<String> details) {
    super(message, null, false, false);
    this.code = code;
    this.details = List.copyOf(details);
  }

  ExitCode code() {
    return code;
  }

  /** The line to show. */
  String line() {
    return String.valueOf(getMessage());
  }

  /** The lines to show below it. */
  List<String> details() {
    return details;
  }
}
