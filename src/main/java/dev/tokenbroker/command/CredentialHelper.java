package dev.tokenbroker.command;

import dev.tokenbroker.command.fetch.TokenOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.graalvm.nativeimage.ProcessProperties;

/**
 * The names under which other programs call the executable, and the file that says which token
 * belongs to which host: on each line a host, and the options of {@code fetch} for it.
 */
enum CredentialHelper {
  GIT("git-credential-token-broker", TokenOutput.GIT),
  DOCKER("docker-credential-token-broker", TokenOutput.DOCKER),
  KUBELET("kubelet-credential-token-broker", TokenOutput.KUBELET);

  /** Set only in a native executable. */
  private static final String IMAGE = "org.graalvm.nativeimage.imagecode";

  private static final int MAX_BYTES = 64 * 1024;

  private final String program;
  private final TokenOutput output;

  CredentialHelper(String program, TokenOutput output) {
    this.program = program;
    this.output = output;
  }

  /** The helper of that name, which may be a path; empty if the name is another program's. */
  static Optional<CredentialHelper> named(String program) {
    String name = program.substring(program.lastIndexOf('/') + 1);
    return Arrays.stream(values()).filter(helper -> helper.program.equals(name)).findFirst();
  }

  /** The arguments, with the helper of that name where the native executable is called by it. */
  static String[] arguments(String... given) {
    if (System.getProperty(IMAGE) == null) {
      return given;
    }
    String name = ProcessProperties.getArgumentVectorProgramName();
    return named(name).isEmpty()
        ? given
        : Stream.concat(Stream.of(FetchCommand.NAME, FetchCommand.AS, name), Arrays.stream(given))
            .toArray(String[]::new);
  }

  /** The form of its answers. */
  TokenOutput output() {
    return output;
  }

  /** The options for that host in the file; empty if it is not among its hosts. */
  static Optional<List<String>> options(String host, Terminal console) throws Failure {
    String home = console.variable("XDG_CONFIG_HOME");
    String named = console.variable("TOKEN_BROKER_HELPERS");
    Path file =
        named.isEmpty()
            ? Path.of(home.isEmpty() ? console.variable("HOME") + "/.config" : home)
                .resolve("token-broker/helpers")
            : Paths.of(named, "TOKEN_BROKER_HELPERS");
    if (named.isEmpty() && !Files.exists(file)) {
      return Optional.empty();
    }
    return BoundedInput.wholeText(file, "the file of the helpers", MAX_BYTES)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .map(line -> List.of(line.split("\\s+", -1)))
        .filter(words -> words.getFirst().toLowerCase(Locale.ROOT).equals(host))
        .findFirst()
        .map(words -> words.subList(1, words.size()));
  }
}
