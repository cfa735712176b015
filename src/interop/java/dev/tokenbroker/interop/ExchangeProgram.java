package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A program of {@code src/interop/exchange}, or curl as clients.md prints it, as it stands. */
enum ExchangeProgram {
  CURL,
  GO,
  JAVA,
  NODE,
  PYTHON;

  private static final String PAGE = "use/clients.md";
  private static final Path SOURCES = Path.of("src", "interop", "exchange").toAbsolutePath();
  private static final Path PROTO = Path.of("src", "main", "proto").toAbsolutePath();
  private static final String CURL_HOST = "broker.acme.example";

  /**
   * How a program ended.
   *
   * @param shown what it printed, errors first
   * @param shownNanos when it had printed its first line
   */
  record Ended(int exit, String shown, long shownNanos) {}

  /** Builds it in a directory of its own. */
  void build(Path home) throws IOException {
    Files.createSymbolicLink(home.resolve("src"), Path.of("src").toAbsolutePath());
    switch (this) {
      case CURL -> Files.writeString(home.resolve("call.sh"), shell());
      case GO -> buildGo(home);
      case JAVA -> Build.java(home, SOURCES.resolve("Exchange.java"));
      case NODE -> {
        Files.copy(SOURCES.resolve("exchange.mjs"), home.resolve("exchange.mjs"));
        Files.createSymbolicLink(home.resolve("node_modules"), Build.NODE_MODULES);
        Path protos = Files.createDirectory(home.resolve("protos"));
        Files.createSymbolicLink(protos.resolve("tokenbroker"), PROTO.resolve("tokenbroker"));
        Files.createSymbolicLink(
            protos.resolve("google"), Path.of("target/interop/proto/google").toAbsolutePath());
      }
      case PYTHON -> {
        Files.copy(SOURCES.resolve("exchange.py"), home.resolve("exchange.py"));
        DebianProgram.PYTHON.run("-c", "import grpc; from grpc_status import rpc_status");
        DebianProgram.PROTOC_PYTHON.requirePresent();
        Documented.run(home, PAGE, "--grpc_python_out");
      }
    }
    Files.writeString(
        home.resolve("service-config.json"), printed("json", "\"loadBalancingConfig\""));
  }

  private static String printed(String language, String text) {
    return Documented.block(PAGE, language, text);
  }

  /** The command, which has the target in it. */
  private static String shell() {
    return Documented.changed(
        printed("console", "grant_type=").substring(2),
        Map.of("audience=payments-api", "audience=\"$1\""));
  }

  private static void buildGo(Path home) throws IOException {
    DebianProgram.PROTOC_GO.requirePresent();
    Path module = Build.goModule(home);
    Files.createSymbolicLink(module.resolve("src"), Path.of("src").toAbsolutePath());
    Documented.run(module, PAGE, "--go_out");
    Files.copy(SOURCES.resolve("exchange.go"), module.resolve("main.go"));
    Build.go(home, home.resolve("exchange"));
  }

  /** Runs it once, to its end. */
  Ended run(Path home, InteropBroker broker, String audience, String credential) {
    try {
      Path directory = Files.createTempDirectory(home, "run");
      for (String linked : List.of("service-config.json", "protos")) {
        Files.createSymbolicLink(directory.resolve(linked), home.resolve(linked));
      }
      Files.writeString(directory.resolve("credential.jwt"), credential + "\n");
      ProcessBuilder builder =
          new ProcessBuilder(command(home, broker, audience))
              .directory(directory.toFile())
              .redirectErrorStream(true);
      builder.environment().keySet().retainAll(List.of("PATH"));
      builder.environment().putAll(environment(home, broker));
      return ended(builder.start());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static Ended ended(Process process) throws IOException, InterruptedException {
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String first = Objects.requireNonNullElse(output.readLine(), "");
      long shownNanos = System.nanoTime();
      String rest = output.lines().collect(Collectors.joining("\n"));
      return new Ended(process.waitFor(), first + "\n" + rest, shownNanos);
    }
  }

  private List<String> command(Path home, InteropBroker broker, String audience) {
    String address = broker.grpcAuthority();
    return switch (this) {
      case CURL -> List.of("sh", home.resolve("call.sh").toString(), audience);
      case GO -> List.of(home.resolve("exchange").toString(), address, audience);
      case JAVA ->
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:TieredStopAtLevel=1",
              "-Djavax.net.ssl.trustStore=" + broker.trustStore(),
              "-cp",
              home + ":" + Build.classPath(),
              "Exchange",
              address,
              audience);
      case NODE -> List.of("node", home.resolve("exchange.mjs").toString(), address, audience);
      case PYTHON ->
          List.of(
              DebianProgram.PYTHON.present().toString(),
              home.resolve("exchange.py").toString(),
              address,
              audience);
    };
  }

  /** Trust in the broker's certificate, and for curl the way to the printed host. */
  private Map<String, String> environment(Path home, InteropBroker broker) throws IOException {
    String root = broker.root().toString();
    Map<String, String> environment = new HashMap<>();
    switch (this) {
      case CURL -> {
        Files.writeString(
            Files.createDirectories(home.resolve("" + broker.port())).resolve(".curlrc"),
            "cacert=%s%nconnect-to=%s:443:localhost:%d%n"
                .formatted(root, CURL_HOST, broker.port()));
        environment.put("CURL_HOME", home.resolve("" + broker.port()).toString());
      }
      case GO -> environment.put("SSL_CERT_FILE", root);
      case NODE -> environment.put("NODE_EXTRA_CA_CERTS", root);
      case PYTHON -> {
        environment.put("PYTHONPATH", home.resolve("stubs").toString());
        environment.put("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", root);
      }
      case JAVA -> {}
    }
    return environment;
  }
}
