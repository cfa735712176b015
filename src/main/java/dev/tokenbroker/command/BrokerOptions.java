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
   * @param authorization what {@code --authorization-file} does
   */
  static CommandSpec addTo(CommandSpec spec, String broker, String authorization) {
    spec.addOption(Commands.option(BROKER, "HOST:PORT", broker))
        .addOption(Commands.option(AUTHORIZATION, "FILE", authorization))
        .addOption(Commands.flag(PLAINTEXT, "Call a broker on another machine without TLS."));
    return ConnectionOptions.addTo(spec, TIMEOUT);
  }

  /** Adds the options to a command that calls a broker as an operator, over HTTP. */
  static CommandSpec addTo(CommandSpec spec) {
    return addTo(
        spec,
        "The broker to call: its HTTP address, such as localhost:8080.",
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
   *
   * @param port the usual port of that address, for the message
   */
  static void checkUsage(ParseResult given, int port) throws Failure {
    if (!given.hasMatchedOption(BROKER)) {
      throw new Failure(ExitCode.USAGE, BROKER + " is missing");
    }
    Paths.check(given, AUTHORIZATION);
    ConnectionOptions.checkUsage(given);
    var _ = address(given, port);
  }

  /** The broker, which is not called in clear text over a network unless the options allow it. */
  static BrokerCalls open(ParseResult given, Terminal console) throws Failure {
    ConnectionOptions options = ConnectionOptions.of(given, TIMEOUT);
    String token = given.hasMatchedOption(AUTHORIZATION) ? token(given, console) : "";
    return new BrokerCalls(
        new BrokerConnection(address(given, Address.GRPC_PORT), options),
        token,
        !given.hasMatchedOption(PLAINTEXT));
  }

  private static String token(ParseResult given, Terminal console) throws Failure {
    String token =
        BoundedInput.text(
            given.matchedOptionValue(AUTHORIZATION, ""), "the operator's token", console.in());
    if (token.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
      throw new Failure(ExitCode.DATA, "the operator's token is no token");
    }
    return token;
  }

  private static Address address(ParseResult given, int port) throws Failure {
    return Address.parse(given.matchedOptionValue(BROKER, ""), BROKER, port);
  }
}
