package dev.tokenbroker.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One command of the executable. */
interface Command {

  /** Its name, its options and what its help says. */
  CommandSpec spec();

  /**
   * Runs the command.
   *
   * @param given the options, all of them known and none of them empty
   */
  ExitCode run(ParseResult given) throws Failure;

  /**
   * The exit code of the process, given the result of the command, a bug in it or lost output. It
   * is the number of that code, unless the users of the command know fewer, or another program
   * chose it.
   */
  default int ending(ExitCode cameTo) {
    return cameTo.number();
  }
}
