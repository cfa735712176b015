package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
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
 * @param callerToken the token of a caller that may revoke; null for none
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

    static Format named(String name) throws Failure {
      return Arrays.stream(values())
          .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name))
          .findFirst()
          .orElseThrow(() -> wrong(OUTPUT + " must be tree, json or junit"));
    }
  }

  /** Adds the options to the command. */
  static CommandSpec addTo(CommandSpec spec) {
    spec.addOption(Commands.path(FEDERATION, "FILE", "Check this document: a file or a directory."))
        .addOption(
            Address.option(BROKER, "Check this broker, at its gRPC address.", Address.GRPC_PORT))
        .addOption(
            Address.option(
                BROKER_HTTP,
                "Also check its metadata and keys, at its HTTP address.",
                Address.HTTP_PORT))
        .addOption(
            Commands.path(
                CREDENTIAL,
                "FILE",
                "Make one exchange with this credential; - for standard input. It is never shown."))
        .addOption(Commands.option(AUDIENCE, "NAME", "The target of that exchange."))
        .addOption(
            Commands.path(
                AUTHORIZATION,
                "FILE",
                "The token of a caller with the scope revoke, to revoke the issued token."))
        .addOption(
            Commands.option(
                    OUTPUT,
                    "FORM",
                    "The form of the report: tree (the default), json or junit.",
                    Format.class,
                    Format::named)
                .toBuilder()
                .names("-o", OUTPUT)
                .build())
        .addOption(
            Commands.option(
                WAIT,
                "TIME",
                "Repeat failed network checks until they pass, up to this time, such as 60s.",
                Duration.class,
                DoctorOptions::waiting))
        .addOption(Warnings.option())
        .addOption(Commands.flag(PLAINTEXT, "Call a broker on another machine without TLS."));
    return ConnectionOptions.addTo(spec, TIMEOUT);
  }

  /** Reads the options; the usage is checked before any file is read. */
  static DoctorOptions of(ParseResult given, Terminal console) throws Failure {
    checkUsage(given);
    boolean failOnWarning = Warnings.of(given, console).fail();
    Address broker = given.matchedOptionValue(BROKER, null);
    Address brokerHttp = given.matchedOptionValue(BROKER_HTTP, null);
    ConnectionOptions connection = ConnectionOptions.of(given, TIMEOUT);
    if (broker != null
        && given.hasMatchedOption(CREDENTIAL)
        && !given.hasMatchedOption(PLAINTEXT)) {
      requireSecrecy(broker, connection);
    }
    return new DoctorOptions(
        given.hasMatchedOption(FEDERATION)
            ? Path.of(given.matchedOptionValue(FEDERATION, ""))
            : null,
        broker,
        brokerHttp,
        connection,
        given.hasMatchedOption(PLAINTEXT),
        given.hasMatchedOption(CREDENTIAL)
            ? BoundedInput.text(
                given.matchedOptionValue(CREDENTIAL, ""), "the credential", console.in())
            : null,
        given.matchedOptionValue(AUDIENCE, ""),
        given.hasMatchedOption(AUTHORIZATION)
            ? BoundedInput.token(
                given.matchedOptionValue(AUTHORIZATION, ""), "the caller's token", console.in())
            : null,
        given.matchedOptionValue(WAIT, Duration.ZERO),
        failOnWarning,
        given.matchedOptionValue(OUTPUT, Format.TREE));
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
    if (given.hasMatchedOption(AUTHORIZATION) && !given.hasMatchedOption(CREDENTIAL)) {
      throw wrong(AUTHORIZATION + " is for " + CREDENTIAL + " only");
    }
    if (given.matchedOptionValue(CREDENTIAL, "").equals("-")
        && given.matchedOptionValue(AUTHORIZATION, "").equals("-")) {
      throw wrong("only one of " + CREDENTIAL + " and " + AUTHORIZATION + " can be standard input");
    }
    ConnectionOptions.checkUsage(given);
  }

  private static Duration waiting(String text) throws Failure {
    return Durations.parse(text)
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

  private static Failure wrong(String what) {
    return new Failure(ExitCode.USAGE, what);
  }
}
