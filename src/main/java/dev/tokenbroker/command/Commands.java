package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Finds the command that the arguments name, and runs it. */
final class Commands {

  static final String NAME = "token-broker";
  static final String SERVE = "serve";

  private static final String HELP = "--help";

  private static final String FOOTER =
      "%nExit codes: 0 yes, 1 no (refused, invalid, not healthy), 2 wrong usage; others as in sysexits.h.";

  private final Terminal console;
  private final Runnable server;

  /**
   * @param server serves until the process is asked to stop; it ends the process itself
   */
  Commands(Terminal console, Runnable server) {
    this.console = console;
    this.server = server;
  }

  /** Runs the command and returns its exit code; empty if it served. Never throws. */
  OptionalInt run(String... args) {
    try {
      ParseResult given = parse(args);
      CommandSpec spec = given.commandSpec();
      if (given.isUsageHelpRequested()) {
        console.print(spec.commandLine().getUsageMessage(Ansi.OFF));
        return OptionalInt.of(ended(ExitCode.OK).number());
      }
      if (given.isVersionHelpRequested()) {
        return OptionalInt.of(ended(new VersionCommand(console).run(given)).number());
      }
      if (spec.userObject() instanceof Command command) {
        return OptionalInt.of(command.ending(run(command, given)));
      }
      server.run();
      return OptionalInt.empty();
    } catch (UnmatchedArgumentException unknown) {
      return OptionalInt.of(usage(unknown, unknown(unknown)).number());
    } catch (ParameterException wrong) {
      String what =
          wrong.getCause() instanceof Failure failure
              ? failure.line()
              : String.valueOf(wrong.getMessage()).replaceAll("\\s+", " ");
      return OptionalInt.of(usage(wrong, what).number());
    } catch (RuntimeException | Error bug) {
      return OptionalInt.of(bug(bug).number());
    }
  }

  private ExitCode run(Command command, ParseResult given) {
    try {
      return ended(command.run(given));
    } catch (Failure failure) {
      if (failure.code() == ExitCode.USAGE) {
        throw new ParameterException(given.commandSpec().commandLine(), failure.line());
      }
      console.complain(NAME, failure.line());
      failure.details().forEach(detail -> console.complain(NAME, detail));
      return ended(failure.code());
    } catch (RuntimeException | Error bug) {
      return bug(bug);
    }
  }

  private ParseResult parse(String... args) {
    ParseResult given = line().parseArgs(args);
    while (given.hasSubcommand()) {
      given = given.subcommand();
    }
    if (!given.isUsageHelpRequested()) {
      for (ArgSpec arg : given.matchedArgs()) {
        if (arg.originalStringValues().contains("")) {
          String name = arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
          throw new ParameterException(
              given.commandSpec().commandLine(), name + " must not be empty");
        }
      }
    }
    return given;
  }

  private CommandLine line() {
    CommandSpec root = CommandSpec.create();
    describe(root, NAME, "Turns federated credentials into short-lived tokens.");
    root.usageMessage().footer(FOOTER);
    root.addOption(
        OptionSpec.builder("--version")
            .versionHelp(true)
            .description("Say which version this is.")
            .build());
    CommandSpec serve = CommandSpec.create();
    describe(
        serve, SERVE, "Serves until it is asked to stop; what happens without a command, too.");
    root.addSubcommand(SERVE, serve);
    for (Command command :
        List.of(
            new InitCommand(console),
            new CheckCommand(console),
            new TestCommand(console),
            new ReplayCommand(console),
            new ExplainCommand(console),
            new DoctorCommand(console),
            new CandidateCommand(console),
            new FetchCommand(console),
            new AgentCommand(console),
            new HealthCommand(console),
            new SchemaCommand(console),
            new VersionCommand(console))) {
      CommandSpec spec = command.spec();
      root.addSubcommand(spec.name(), spec);
    }
    // An argument that begins with @ is only an argument: picocli must not read a file for it.
    return new CommandLine(root).setExpandAtFiles(false);
  }

  /** Gives a command its name and the option that all commands have. */
  static CommandSpec describe(CommandSpec spec, String name, String... description) {
    spec.name(name).usageMessage().description(description).abbreviateSynopsis(true).width(100);
    return spec.addOption(
        OptionSpec.builder("-h", HELP).usageHelp(true).description("Show this help.").build());
  }

  /** An option with a value. */
  static OptionSpec option(String name, String value, String description) {
    return option(name, value, description, String.class, text -> text);
  }

  /**
   * An option with a value of that type. An empty text is reported after all options are read.
   *
   * @param reader throws a {@link Failure} for wrong usage
   */
  static <T> OptionSpec option(
      String name, String value, String description, Class<T> type, ITypeConverter<T> reader) {
    return OptionSpec.builder(name)
        .paramLabel(value)
        .type(type)
        .arity("1")
        .converters(text -> text.isEmpty() ? null : reader.convert(text))
        .description(description)
        .build();
  }

  /** An option with the text of a path, or a dash. */
  static OptionSpec path(String name, String value, String description) {
    return option(name, value, description, String.class, text -> Paths.checked(text, name));
  }

  /** An option without a value. */
  static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).arity("0").type(boolean.class).description(description).build();
  }

  private ExitCode ended(ExitCode code) {
    if (console.close()) {
      return code;
    }
    console.complain(NAME, "the output could not be written");
    return ExitCode.IO;
  }

  private ExitCode bug(Throwable bug) {
    console.complain(NAME, "a bug ended the command: " + place(bug));
    return ended(ExitCode.SOFTWARE);
  }

  private ExitCode usage(ParameterException wrong, String what) {
    String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
    console.complain(
        command + ": " + Evidence.clean(what) + "; see '" + command + " " + HELP + "'");
    return ended(ExitCode.USAGE);
  }

  /** Leaves out the argument itself, which may be a credential, unless it is an option. */
  private static String unknown(UnmatchedArgumentException unknown) {
    String argument = unknown.getUnmatched().getFirst();
    if (argument.startsWith("-")) {
      int value = argument.indexOf('=');
      return "there is no option " + (value < 0 ? argument : argument.substring(0, value));
    }
    return unknown.getCommandLine().getSubcommands().isEmpty()
        ? "there is an argument too many"
        : "there is no such command";
  }

  // Messages may hold anything, so only types and places are shown.
  private static String place(Throwable bug) {
    if (bug instanceof CompletionException && bug.getCause() != null) {
      return place(bug.getCause()); // of another thread
    }
    StackTraceElement[] frames = bug.getStackTrace();
    return bug.getClass().getSimpleName() + (frames.length == 0 ? "" : " at " + frames[0]);
  }
}
