package dev.tokenbroker.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program whose gRPC calls send the token in a file by the call credentials that clients.md
 * prints.
 */
enum TokenFileProgram {
  GO,
  JAVA,
  NODE,
  PYTHON;

  private static final String PAGE = "use/clients.md";
  private static final Path SOURCES = Path.of("src", "interop", "tokenfile").toAbsolutePath();

  /** Builds it in a directory of its own. */
  void build(Path home) throws IOException {
    switch (this) {
      case GO -> {
        Path module = Build.goModule(home);
        Path printed = Files.createDirectory(module.resolve("tokenfile"));
        Files.writeString(
            printed.resolve("tokenfile.go"), Documented.block(PAGE, "go", "package tokenfile"));
        Files.copy(SOURCES.resolve("calls.go"), module.resolve("main.go"));
        Build.go(home, home.resolve("calls"));
      }
      case JAVA -> {
        Path printed = home.resolve("TokenFile.java");
        Files.writeString(printed, Documented.block(PAGE, "java", "class TokenFile"));
        Build.java(home, printed, SOURCES.resolve("Calls.java"));
      }
      case NODE -> {
        Files.writeString(
            home.resolve("token-file.mjs"), Documented.block(PAGE, "js", "function tokenFile"));
        Files.copy(SOURCES.resolve("calls.mjs"), home.resolve("calls.mjs"));
        Files.createSymbolicLink(home.resolve("node_modules"), Build.NODE_MODULES);
      }
      case PYTHON -> {
        Files.writeString(
            home.resolve("token_file.py"), Documented.block(PAGE, "python", "class TokenFile"));
        Files.copy(SOURCES.resolve("calls.py"), home.resolve("calls.py"));
      }
    }
  }

  /**
   * Starts it.
   *
   * @param address of the target, {@code host:port}
   * @param token the file
   * @param root the certificate that it trusts, PEM
   * @param transport {@code tls} or {@code plain}
   */
  InteropProgram start(Path home, String address, Path token, Path root, String transport) {
    List<String> program =
        switch (this) {
          case GO -> List.of(home.resolve("calls").toString());
          case JAVA ->
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-Djavax.net.ssl.trustStore=" + InteropBroker.trustStore(root),
                  "-cp",
                  home + ":" + Build.classPath(),
                  "Calls");
          case NODE -> List.of("node", "calls.mjs");
          case PYTHON -> List.of(DebianProgram.PYTHON.present().toString(), "-B", "calls.py");
        };
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(address, token.toString(), transport));
    return InteropProgram.start(
        home,
        command,
        Map.of(
            "SSL_CERT_FILE", root.toString(),
            "NODE_EXTRA_CA_CERTS", root.toString(),
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", root.toString()));
  }
}
