package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.command.fetch.Credential;
import dev.tokenbroker.command.fetch.CredentialSource;
import dev.tokenbroker.command.fetch.CredentialSources;
import dev.tokenbroker.command.fetch.FetchRequest;
import dev.tokenbroker.command.fetch.HelperRequest;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenCache;
import dev.tokenbroker.command.fetch.TokenFetch;
import dev.tokenbroker.command.fetch.TokenOutput;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * {@code fetch}: exchanges a credential for a token, and prints it in the form that another program
 * wants. It is also the credential helper of git, Docker and the kubelet.
 */
final class FetchCommand implements Command {

  static final String NAME = "fetch";
  static final String AS = "--as";
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final String BROKER = "--broker";
  private static final String AUDIENCE = "--audience";
  private static final String SCOPE = "--scope";
  private static final String CREDENTIAL = "--credential";
  private static final String CREDENTIAL_AUDIENCE = "--credential-audience";
  private static final String CA_FILE = "--ca-file";
  private static final String OUTPUT = "--output";
  private static final String VARIABLE = "--variable";
  private static final String USER = "--user";
  private static final String NO_CACHE = "--no-cache";
  private static final String CACHE = "--cache";

  /** What platforms set for their jobs, which may share a user and its files. */
  private static final List<String> JOBS =
      List.of("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "TF_BUILD");

  private static final String VERBOSE = "-v";
  private static final String GET = "get";
  private static final int MAX_REQUEST_BYTES = 128 * 1024;

  private static final String FORMS =
      Arrays.stream(TokenOutput.values())
          .filter(form -> !form.answersRequest())
          .map(TokenOutput::label)
          .collect(Collectors.joining(", "));

  private static final String NO_AUTH =
      """
      {"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",\
      "cacheKeyType":"Registry","cacheDuration":"0s","auth":{}}\
      """;

  private final Terminal console;

  FetchCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            NAME,
            "Exchanges a credential for a token, keeps it in a file while it is fresh, and prints"
                + " it.")
        .addOption(Commands.option(BROKER, "URL", "The broker: https, or http on this machine."))
        .addOption(Commands.option(AUDIENCE, "NAME", "The target of the token."))
        .addOption(
            OptionSpec.builder(SCOPE)
                .paramLabel("SCOPE")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .description("A wanted scope; may be repeated.")
                .build())
        .addOption(
            Commands.option(
                CREDENTIAL,
                "SOURCE",
                "auto (the default), file:PATH, env:VARIABLE, exec:COMMAND, github, gitlab,"
                    + " buildkite, circleci or kubernetes."))
        .addOption(
            Commands.option(
                CREDENTIAL_AUDIENCE,
                "NAME",
                "The audience of the credential, where the platform lets one choose; by default"
                    + " the URL of the broker."))
        .addOption(Commands.option(CA_FILE, "FILE", "Trust these authorities only (PEM)."))
        .addOption(Commands.option(OUTPUT, "FORM", "The default is raw. One of " + FORMS + "."))
        .addOption(Commands.option(VARIABLE, "NAME", "With env: by default TOKEN_BROKER_TOKEN."))
        .addOption(Commands.option(USER, "NAME", "In the file of the helpers: the user name."))
        .addOption(Commands.flag(NO_CACHE, "Neither read nor keep a token."))
        .addOption(
            Commands.option(
                CACHE, "DIRECTORY", "Keep tokens there; without it, none are kept in a CI job."))
        .addOption(Commands.flag(VERBOSE, "Say where the credential and the token come from."))
        .addOption(Commands.option(AS, "PROGRAM", "Act as the credential helper of that name."))
        .addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel("ACTION")
                .description("What git and Docker add: get, store, erase or list.")
                .build());
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    try {
      return answer(given);
    } catch (NoToken none) {
      throw new Failure(code(none.kind()), none.line());
    }
  }

  /** The exit code for a reason why there is no token. */
  static ExitCode code(NoToken.Kind kind) {
    return switch (kind) {
      case REFUSED -> ExitCode.REFUSED;
      case AWAY -> ExitCode.UNAVAILABLE;
      case NO_BROKER -> ExitCode.PROTOCOL;
      case NO_CREDENTIAL -> ExitCode.NO_INPUT;
      case BAD_CREDENTIAL -> ExitCode.DATA;
      case MISUSE -> ExitCode.USAGE;
    };
  }

  private ExitCode answer(ParseResult given) throws Failure, NoToken {
    if (!given.hasMatchedOption(AS)) {
      if (given.hasMatchedPositional(0)) {
        throw new Failure(ExitCode.USAGE, "ACTION is for git and docker");
      }
      String kubectl = console.variable("KUBERNETES_EXEC_INFO");
      return print(given, output(given), HelperRequest.ofKubectl(kubectl));
    }
    TokenOutput output = helper(given).output();
    String action = given.matchedPositionalValue(0, GET);
    boolean rejects = output == TokenOutput.GIT && action.equals("erase");
    if (!action.equals(GET) && !rejects) { // Docker's erase names no token
      return action.equals("list") ? printed("{}") : ExitCode.OK;
    }
    HelperRequest request = request(output);
    Optional<List<String>> own = CredentialHelper.options(request.host(), console);
    if (own.isEmpty()) {
      return notOurs(output);
    }
    ParseResult options = parsed(own.get());
    if (rejects) {
      fetch(options, request).forget(request.password(), Deadline.after(TIMEOUT));
      return ExitCode.OK;
    }
    return print(options, output, request);
  }

  private static CredentialHelper helper(ParseResult given) throws Failure {
    return CredentialHelper.named(given.matchedOptionValue(AS, ""))
        .orElseThrow(() -> new Failure(ExitCode.USAGE, AS + " names no credential helper"));
  }

  private static TokenOutput output(ParseResult given) throws Failure {
    return TokenOutput.of(given.matchedOptionValue(OUTPUT, TokenOutput.RAW.label()))
        .filter(form -> !form.answersRequest())
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.USAGE,
                    "%s must be one of %s; a credential helper needs %s and the file of the helpers"
                        .formatted(OUTPUT, FORMS, AS)));
  }

  private HelperRequest request(TokenOutput output) throws Failure, NoToken {
    try {
      byte[] input = console.in().readNBytes(MAX_REQUEST_BYTES);
      String text = new String(input, UTF_8);
      return switch (output) {
        case GIT -> HelperRequest.ofGit(text);
        case DOCKER -> HelperRequest.ofDocker(text);
        default -> HelperRequest.ofKubelet(input);
      };
    } catch (IOException closed) {
      throw new Failure(ExitCode.NO_INPUT, "the request cannot be read: the input is closed");
    }
  }

  /** Says in the words of each protocol that there is no credential for the host. */
  private ExitCode notOurs(TokenOutput output) {
    return switch (output) {
      case DOCKER -> {
        printed("credentials not found in native keychain");
        yield ExitCode.REFUSED;
      }
      case KUBELET -> printed(NO_AUTH);
      default -> ExitCode.OK;
    };
  }

  private ExitCode printed(String line) {
    console.printLine(line);
    return ExitCode.OK;
  }

  private ParseResult parsed(List<String> options) throws Failure {
    try {
      return new CommandLine(spec())
          .setExpandAtFiles(false)
          .parseArgs(options.toArray(String[]::new));
    } catch (ParameterException wrong) {
      throw new Failure(
          ExitCode.CONFIG, "the file of the helpers has a wrong option: " + wrong.getMessage());
    }
  }

  private ExitCode print(ParseResult given, TokenOutput output, HelperRequest request)
      throws Failure, NoToken {
    KeptToken token = fetch(given, request).token(Deadline.after(TIMEOUT));
    String variable = given.matchedOptionValue(VARIABLE, "TOKEN_BROKER_TOKEN");
    String user = given.matchedOptionValue(USER, "");
    return printed(output.text(token, variable, user, request, InstantSource.system().instant()));
  }

  private TokenFetch fetch(ParseResult given, HelperRequest request) throws Failure, NoToken {
    String broker = required(given, BROKER);
    String ca = given.matchedOptionValue(CA_FILE, null);
    FetchRequest wanted =
        FetchRequest.of(
            broker,
            ca == null ? null : Paths.of(ca, CA_FILE),
            required(given, AUDIENCE),
            given.matchedOptionValue(SCOPE, List.of()));
    Consumer<String> notes =
        given.hasMatchedOption(VERBOSE) ? note -> console.complain(Commands.NAME, note) : _ -> {};
    String audience = given.matchedOptionValue(CREDENTIAL_AUDIENCE, broker);
    Credential sent = request.credential();
    CredentialSource source =
        new CredentialSources(console::variable, audience, notes)
            .of(given.matchedOptionValue(CREDENTIAL, "auto"));
    return new TokenFetch(
        wanted,
        sent == null ? source : _ -> sent,
        given.hasMatchedOption(NO_CACHE) ? null : cache(given, notes),
        InstantSource.system(),
        ThreadLocalRandom.current(),
        notes);
  }

  private static String required(ParseResult given, String option) throws Failure {
    if (!given.hasMatchedOption(option)) {
      throw new Failure(ExitCode.USAGE, option + " is missing");
    }
    return given.matchedOptionValue(option, "");
  }

  private @Nullable TokenCache cache(ParseResult given, Consumer<String> notes) {
    if (given.hasMatchedOption(CACHE)) {
      return cache(given.matchedOptionValue(CACHE, ""), notes);
    }
    if (JOBS.stream().anyMatch(job -> !console.variable(job).isEmpty())) {
      notes.accept("nothing is cached: the next CI job may read it; " + CACHE + " names a place");
      return null;
    }
    String cache = console.variable("XDG_CACHE_HOME");
    String home = console.variable("HOME");
    if (cache.isEmpty() && home.isEmpty()) {
      notes.accept("nothing is cached: neither XDG_CACHE_HOME nor HOME is set");
      return null;
    }
    return cache((cache.isEmpty() ? home + "/.cache" : cache) + "/token-broker", notes);
  }

  private static @Nullable TokenCache cache(String directory, Consumer<String> notes) {
    try {
      return TokenCache.open(Path.of(directory), InstantSource.system());
    } catch (IOException | InvalidPathException unusable) {
      notes.accept("nothing is cached: " + BoundedFile.why(unusable));
      return null;
    }
  }
}
