package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options of {@code doctor}, with the content of the files that they name.
 *
 * @param federation the document; null to check a broker only
 * @param broker the gRPC address; null to check a document only
 * @param brokerHttp the HTTP address of that broker; null to leave its metadata out
 * @param connection how to call the broker
 * @param plaintext whether the credential may cross the network in clear
 * @param credential never to be shown; null to make no exchange
 * @param audience the target of the credential
 * @param callerToken the token of a caller that may revoke, or that is an operator; null for none
 * @param waiting how long failed network checks are repeated
 */
record DoctorOptions(
    @Nullable Path federation,
    @Nullable Address broker,
    @Nullable Address brokerHttp,
    ConnectionOptions connection,
    boolean plaintext,
    @Nullable String credential,
    String audience,
    @Nullable String callerToken,
    Duration waiting,
    boolean failOnWarning,
    Format format) {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration MAX_WAIT = Duration.ofHours(1);
  private static final int HTTP_PORT = 8080;

  private static final String FEDERATION = "--federation";
  private static final String BROKER = "--broker";
  private static final String BROKER_HTTP = "--broker-http";
  private static final String CREDENTIAL = "--credential";
  private static final String AUDIENCE = "--audience";
  private static final String AUTHORIZATION = "--authorization-file";
  private static final String PLAINTEXT = "--plaintext";
  private static final String OUTPUT = "--output";
  private static final String WAIT = "--wait";

  /** The form of the report. */
  enum Format {
    TREE,
    JSON,
    JUNIT;

    static Optional<Format> named(String name) {
      return Arrays.stream(values())
          .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name))
          .findFirst();
    }
  }

  /** Adds the options to the command. */
  static CommandSpec addTo(CommandSpec spec) {
    spec.addOption(
            Commands.option(FEDERATION, "FILE", "Check this document: a file or a directory."))
        .addOption(Commands.option(BROKER, "HOST:PORT", "Check this broker, at its gRPC address."))
        .addOption(
            Commands.option(
                BROKER_HTTP, "HOST:PORT", "Also check its metadata and keys, at its HTTP address."))
        .addOption(
            Commands.option(
                CREDENTIAL,
                "FILE",
                "Make one exchange with this credential, and one that must be refused; - for"
                    + " standard input. It is never shown."))
        .addOption(Commands.option(AUDIENCE, "NAME", "The target of that exchange."))
        .addOption(
            Commands.option(
                AUTHORIZATION,
                "FILE",
                "The token of a caller: with the scope revoke, to revoke the issued token; with the"
                    + " scope operate, to compare the replicas."))
        .addOption(
            OptionSpec.builder("-o", OUTPUT)
                .paramLabel("FORM")
                .type(String.class)
                .arity("1")
                .description("The form of the report: tree (the default), json or junit.")
                .build())
        .addOption(
            Commands.option(
                WAIT,
                "TIME",
                "Repeat failed network checks until they pass, up to this time, such as 60s."))
        .addOption(Warnings.option())
        .addOption(Commands.flag(PLAINTEXT, "Call a broker on another machine without TLS."));
    return ConnectionOptions.addTo(spec, TIMEOUT);
  }

  /** Reads the options; the usage is checked before any file is read. */
  static DoctorOptions of(ParseResult given, Terminal console) throws Failure {
    checkUsage(given);
    boolean failOnWarning = Warnings.of(given, console).fail();
    Address broker = address(given, BROKER, Address.GRPC_PORT);
    Address brokerHttp = address(given, BROKER_HTTP, HTTP_PORT);
    Format format = format(given);
    Duration waiting = waiting(given);
    ConnectionOptions connection = ConnectionOptions.of(given, TIMEOUT);
    if (broker != null
        && given.hasMatchedOption(CREDENTIAL)
        && !given.hasMatchedOption(PLAINTEXT)) {
      requireSecrecy(broker, connection);
    }
    if (brokerHttp != null
        && given.hasMatchedOption(AUTHORIZATION)
        && !given.hasMatchedOption(PLAINTEXT)) {
      requireSecrecy(brokerHttp, connection);
    }
    return new DoctorOptions(
        given.hasMatchedOption(FEDERATION)
            ? Paths.of(given.matchedOptionValue(FEDERATION, ""), FEDERATION)
            : null,
        broker,
        brokerHttp,
        connection,
        given.hasMatchedOption(PLAINTEXT),
        text(given, CREDENTIAL, "the credential", console),
        given.matchedOptionValue(AUDIENCE, ""),
        callerToken(given, console),
        waiting,
        failOnWarning,
        format);
  }

  private static void checkUsage(ParseResult given) throws Failure {
    boolean broker = given.hasMatchedOption(BROKER);
    if (!broker && !given.hasMatchedOption(FEDERATION)) {
      throw wrong("give " + FEDERATION + ", " + BROKER + " or both");
    }
    if (given.hasMatchedOption(CREDENTIAL) != given.hasMatchedOption(AUDIENCE)) {
      throw wrong(CREDENTIAL + " and " + AUDIENCE + " come together");
    }
    Optional<String> unused =
        Stream.of(BROKER_HTTP, AUTHORIZATION, PLAINTEXT)
            .filter(given::hasMatchedOption)
            .findFirst()
            .or(() -> ConnectionOptions.anyOf(given));
    if (!broker && unused.isPresent()) {
      throw wrong(unused.get() + " is for " + BROKER + " only");
    }
    if (given.hasMatchedOption(AUTHORIZATION)
        && !given.hasMatchedOption(CREDENTIAL)
        && !given.hasMatchedOption(BROKER_HTTP)) {
      throw wrong(AUTHORIZATION + " is for " + CREDENTIAL + " and " + BROKER_HTTP + " only");
    }
    if (given.matchedOptionValue(CREDENTIAL, "").equals("-")
        && given.matchedOptionValue(AUTHORIZATION, "").equals("-")) {
      throw wrong("only one of " + CREDENTIAL + " and " + AUTHORIZATION + " can be standard input");
    }
    for (String file : List.of(FEDERATION, CREDENTIAL, AUTHORIZATION)) {
      Paths.check(given, file);
    }
    var _ = format(given);
    var _ = waiting(given);
    ConnectionOptions.checkUsage(given);
  }

  private static @Nullable Address address(ParseResult given, String option, int example)
      throws Failure {
    return given.hasMatchedOption(option)
        ? Address.parse(given.matchedOptionValue(option, ""), option, example)
        : null;
  }

  private static Format format(ParseResult given) throws Failure {
    return Format.named(given.matchedOptionValue(OUTPUT, "tree"))
        .orElseThrow(() -> wrong(OUTPUT + " must be tree, json or junit"));
  }

  private static Duration waiting(ParseResult given) throws Failure {
    if (!given.hasMatchedOption(WAIT)) {
      return Duration.ZERO;
    }
    return Durations.parse(given.matchedOptionValue(WAIT, ""))
        .filter(time -> time.compareTo(MAX_WAIT) <= 0)
        .orElseThrow(() -> wrong(WAIT + " must be a duration up to 1h, such as 60s"));
  }

  /** A host that does not resolve yet is a finding, not wrong usage. */
  private static void requireSecrecy(Address broker, ConnectionOptions options) throws Failure {
    try (BrokerConnection connection = new BrokerConnection(broker, options)) {
      connection.requireSecrecy();
    } catch (Failure failure) {
      if (failure.code() == ExitCode.USAGE) {
        throw failure;
      }
    }
  }

  private static @Nullable String callerToken(ParseResult given, Terminal console) throws Failure {
    String token = text(given, AUTHORIZATION, "the caller's token", console);
    if (token != null && token.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
      throw new Failure(ExitCode.DATA, "the caller's token is no token");
    }
    return token;
  }

  private static @Nullable String text(
      ParseResult given, String option, String what, Terminal console) throws Failure {
    return given.hasMatchedOption(option)
        ? BoundedInput.text(given.matchedOptionValue(option, ""), what, console.in())
        : null;
  }

  private static Failure wrong(String what) {
    return new Failure(ExitCode.USAGE, what);
  }
}
