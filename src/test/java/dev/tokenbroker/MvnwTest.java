package dev.tokenbroker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code mvnw} adds to the arguments of Maven, by the lines that add it. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class MvnwTest {

  @TempDir Path directory;

  /** Quarkus opens port 5005 for a debugger, and asks whether it may send statistics. */
  @ParameterizedTest
  @CsvSource({
    "quarkus:dev, quarkus:dev -Ddebug=false -Pdev -Dquarkus.analytics.disabled=true",
    "-q quarkus:dev, -q quarkus:dev -Ddebug=false -Pdev" + " -Dquarkus.analytics.disabled=true",
    "quarkus:dev -Ddebug, quarkus:dev -Ddebug -Pdev -Dquarkus.analytics.disabled=true",
    "quarkus:dev -Ddebug=5006, quarkus:dev -Ddebug=5006 -Pdev"
        + " -Dquarkus.analytics.disabled=true",
    "verify, verify",
  })
  void dev_mode_asks_nothing_and_opens_a_debug_port_only_if_told_so(String given, String used)
      throws Exception {
    String script = Files.readString(Path.of("mvnw"));
    int from = script.indexOf("case \" $* \" in *\" quarkus:dev \"*)");
    String lines = script.substring(from, script.indexOf("\nesac\n", from) + 6);
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "set -euf\n" + lines + "echo \"$*\"", "mvnw"));
    command.addAll(List.of(given.split(" ", -1)));
    Process shell = new ProcessBuilder(command).redirectErrorStream(true).start();

    assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8)).isEqualTo(used + "\n");
    assertThat(shell.waitFor()).isZero();
  }

  /** The zip, and what is fetched instead by a machine without unzip. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refuses_an_archive_of_maven_that_is_not_the_one_named(boolean unzip) throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write("another archive".getBytes(UTF_8));
          }
        });
    server.start();
    try {
      // Hides unzip from the script, which asks for it by "command -v".
      String hidden = "command() { [ \"$2\" != unzip ] && builtin command \"$@\"; }; . ./mvnw";
      ProcessBuilder mvnw =
          unzip
              ? new ProcessBuilder("./mvnw", "--version")
              : new ProcessBuilder("bash", "-c", hidden, "./mvnw", "--version");
      mvnw.environment().put("MAVEN_USER_HOME", directory.toString());
      mvnw.environment().put("MVNW_REPOURL", "http://127.0.0.1:" + server.getAddress().getPort());
      Process process = mvnw.redirectErrorStream(true).start();

      assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
          .contains("Failed to validate Maven distribution SHA-256");
      assertThat(process.waitFor()).isEqualTo(1);
      assertThat(asked).singleElement().asString().endsWith(unzip ? "-bin.zip" : "-bin.tar.gz");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void maven_refuses_an_artifact_with_another_checksum() throws Exception {
    assertThat(Files.readAllLines(Path.of(".mvn/maven.config"))).contains("--strict-checksums");
  }
}
