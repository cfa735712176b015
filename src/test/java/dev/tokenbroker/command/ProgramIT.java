package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code target/token-broker} as {@code package} leaves it, for a build that runs on a JVM. */
@Tag("jar")
@Tag("packaged")
class ProgramIT {

  private static final Path TARGET = Path.of("target").toAbsolutePath();

  @TempDir Path elsewhere;

  @Test
  void is_executable() {
    assertThat(TARGET.resolve("token-broker")).isExecutable();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "version"})
  void starts_from_the_path_in_any_directory(String argument) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("sh", "-c", "exec token-broker \"$1\"", "sh", argument))
            .directory(elsewhere.toFile())
            .redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "JAVA_HOME", System.getProperty("java.home"), "PATH", TARGET + ":/usr/bin:/bin"));
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed).containsIgnoringCase("token-broker");
  }
}
