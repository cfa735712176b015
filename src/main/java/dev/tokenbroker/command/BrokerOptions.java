package dev.tokenbroker.command;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options by which a command finds a running broker and authenticates to it. */
final class BrokerOptions {

  static final String BROKER = "--broker";
  static final String AUTHORIZATION = "--authorization-file";

  private static final String PLAINTEXT = "--plaintext";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private BrokerOptions() {}

  /**
   * Adds the options to a command.
   *
   * @param broker what {@code --broker} does
   * @param port the usual port of that address, for messages
   * @param authorization what {@code --authorization-file} does
   */
  static CommandSpec addTo(CommandSpec spec, String broker, int port, String authorization) {
    spec.addOption(Address.option(BROKER, broker, port))
        .addOption(Commands.path(AUTHORIZATION, "FILE", authorization))
        .addOption(Commands.flag(PLAINTEXT, "Call a broker on another machine without TLS."));
    return ConnectionOptions.addTo(spec, TIMEOUT);
  }

  /** Adds the options to a command that calls a broker as an operator, over HTTP. */
  static CommandSpec addTo(CommandSpec spec) {
    return addTo(
        spec,
        "The broker to call: its HTTP address, such as localhost:8080.",
        Address.HTTP_PORT,
        "An operator's token for that broker; - for standard input.");
  }

  /** The first given option that has no effect without a broker. */
  static Optional<String> anyOf(ParseResult given) {
    return Stream.of(AUTHORIZATION, PLAINTEXT)
        .filter(given::hasMatchedOption)
        .findFirst()
        .or(() -> ConnectionOptions.anyOf(given));
  }

  /**
   * Checks the usage of all these options before any file or input is read; a missing broker is
   * wrong usage.
   */
  static void checkUsage(ParseResult given) throws Failure {
    if (!given.hasMatchedOption(BROKER)) {
      throw new Failure(ExitCode.USAGE, BROKER + " is missing");
    }
    ConnectionOptions.checkUsage(given);
  }

  /** The broker, which is not called in clear text over a network unless the options allow it. */
  static RunningBroker open(ParseResult given, Terminal console) throws Failure {
    ConnectionOptions options = ConnectionOptions.of(given, TIMEOUT);
    String token = given.matchedOptionValue(AUTHORIZATION, "");
    return new RunningBroker(
        given.matchedOptionValue(BROKER, null),
        options,
        token.isEmpty() ? "" : BoundedInput.token(token, "the operator's token", console.in()),
        !given.hasMatchedOption(PLAINTEXT));
  }
}
