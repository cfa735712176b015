package dev.tokenbroker.command;

/** A way to put a revision in force. */
enum RolloutChange {
  PROMOTE(
      "promote",
      "Puts the candidate in force. The broker refuses if the candidate has another revision.",
      "The revision of the candidate that you reviewed, in full.",
      "promoted"),
  ROLLBACK(
      "rollback",
      "Puts a kept revision in force again.",
      "The kept revision, in full.",
      "rolled back");

  private final String command;
  private final String description;
  private final String argument;
  private final String done;

  RolloutChange(String command, String description, String argument, String done) {
    this.command = command;
    this.description = description;
    this.argument = argument;
    this.done = done;
  }

  /** The name of the command. */
  String command() {
    return command;
  }

  /** What the command does, in sentences. */
  String description() {
    return description;
  }

  /** What its argument is. */
  String argument() {
    return argument;
  }

  /** What the broker has done in the end. */
  String done() {
    return done;
  }
}
