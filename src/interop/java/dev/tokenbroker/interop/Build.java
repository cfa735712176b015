package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/** Builds the programs that documents print or link to, each in a directory of its own. */
final class Build {

  /** The packages of npm that the build of this project has fetched. */
  static final Path NODE_MODULES =
      Path.of("target", "interop", "node", "node_modules").toAbsolutePath();

  private Build() {}

  /** Compiles programs in Java, which may use what the tests use. */
  static void java(Path home, Path... sources) {
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-d", home.toString(), "-cp", classPath()));
    Arrays.stream(sources).map(Path::toString).forEach(arguments::add);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    if (result != 0) {
      throw new AssertionError("it does not compile: " + Arrays.toString(sources));
    }
  }

  /**
   * Runs a program in Node, which may use the packages of npm, to its end, which must be good.
   *
   * @param environment all of it, but for the path
   * @return what it printed, errors included
   */
  static String runNode(Path home, Map<String, String> environment, String program)
      throws IOException, InterruptedException {
    Files.createSymbolicLink(home.resolve("node_modules"), NODE_MODULES);
    Path file = Files.writeString(home.resolve("program.mjs"), program);
    ProcessBuilder builder = new ProcessBuilder("node", file.toString()).redirectErrorStream(true);
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new AssertionError("the program in Node failed: " + printed);
    }
    return printed;
  }

  /** The class path of the tests, with absolute paths. */
  static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Creates the directory of the Go module that {@link #go} compiles. */
  static Path goModule(Path home) throws IOException {
    return Files.createDirectories(home.resolve("go/src/acme.example/jobs"));
  }

  /** Compiles the module in Go, with the packages of Debian. */
  static void go(Path home, Path program) {
    DebianProgram.GO.run(
        Map.of(
            "GO111MODULE",
            "off",
            "GOPATH",
            home.resolve("go") + ":/usr/share/gocode",
            // Outside of target: the first build of Go's gRPC takes a minute.
            "GOCACHE",
            Path.of(System.getProperty("user.home"), ".cache/go-build").toString()),
        "build",
        "-C",
        home.resolve("go/src/acme.example/jobs").toString(),
        "-o",
        program.toString(),
        ".");
  }
}
