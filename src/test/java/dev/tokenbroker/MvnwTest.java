package dev.tokenbroker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code mvnw} adds to the arguments of Maven, by the lines that add it. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class MvnwTest {

  /** Quarkus opens port 5005 for a debugger, and asks whether it may send statistics. */
  @ParameterizedTest
  @CsvSource({
    "quarkus:dev, quarkus:dev -Ddebug=false -Pdev -Dunchecked -Dquarkus.analytics.disabled=true",
    "-q quarkus:dev, -q quarkus:dev -Ddebug=false -Pdev -Dunchecked -Dquarkus.analytics.disabled=true",
    "quarkus:dev -Ddebug, quarkus:dev -Ddebug -Pdev -Dunchecked -Dquarkus.analytics.disabled=true",
    "quarkus:dev -Ddebug=5006, quarkus:dev -Ddebug=5006 -Pdev -Dunchecked -Dquarkus.analytics.disabled=true",
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
}
