package dev.tokenbroker.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One command of the executable. */
interface Command {

  /** Its name, its options and what its help says. */
  CommandSpec spec();

  /**
   * Does it.
   *
   * @param given the options, all of them known and none of them empty
   */
  ExitCode run(ParseResult given) throws Failure;

  /**
   * The code with which the process ends where the command, a bug in it or lost output came to that
   * one: the same, unless those who run it know fewer.
   */
  default ExitCode ending(ExitCode cameTo) {
    return cameTo;
  }
}
