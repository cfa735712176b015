package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code src/main/bin/token-broker}, with Javas that only tell how they were called. */
@EnabledOnOs(OS.LINUX)
class ProgramTest {

  @TempDir Path directory;
  private Path program;
  private String path = "/usr/bin:/bin";

  @BeforeEach
  void layOut() throws IOException {
    Path build = Files.createDirectories(directory.resolve("a build/quarkus-app"));
    Files.writeString(build.resolve("quarkus-run.jar"), "");
    program = build.resolveSibling("token-broker");
    Files.copy(Path.of("src/main/bin/token-broker"), program);
  }

  @Test
  void runs_the_build_beside_it_by_the_java_of_java_home() throws Exception {
    String home = java("25.0.1");
    String build = program.resolveSibling("quarkus-app/quarkus-run.jar").toString();

    assertThat(run(home, program, "check", "a b.yaml"))
        .isEqualTo(
            home
                + " [-XX:-UsePerfData] [-XX:+UseSerialGC] [-XX:TieredStopAtLevel=1]"
                + " [-Djava.library.path=%s] [-jar] [%s] [check] [a b.yaml] 0"
                    .formatted(build.replace("/quarkus-run.jar", ""), build));
    assertThat(run(home, program))
        .startsWith(home + " [-XX:-UsePerfData] [-Djava.library.path=")
        .endsWith(" [-jar] [%s] 0".formatted(build));
    Path link =
        Files.createSymbolicLink(directory.resolve("link"), Path.of("a build/token-broker"));
    assertThat(run(home, link, "version")).endsWith("[%s] [version] 0".formatted(build));
  }

  @Test
  void takes_the_java_of_the_path_where_java_home_is_too_old() throws Exception {
    String found = java("26");
    path = found + "/bin:" + path;

    assertThat(run(java("17.0.9"), program, "version")).startsWith(found + " ").endsWith(" 0");
  }

  @Test
  void says_what_to_do_where_there_is_no_build() throws Exception {
    Files.delete(program.resolveSibling("quarkus-app/quarkus-run.jar"));

    assertThat(run(java("25"), program, "version"))
        .startsWith("token-broker: there is no build beside ")
        .endsWith(" 78");
  }

  /** The home of a Java of that version. */
  private String java(String version) throws IOException {
    Path home = directory.resolve("java-" + version);
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Files.writeString(
        java,
        "#!/bin/sh\nprintf %s '"
            + home
            + "'\nfor each in \"$@\"; do printf ' [%s]' \"$each\"; done\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home.toString();
  }

  /** All that the program says, and its exit code. */
  private String run(String javaHome, Path what, String... args) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(Stream.of("/bin/sh", what.toString()), Stream.of(args)).toList())
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(Map.of("JAVA_HOME", javaHome, "PATH", path));
    Process process = builder.start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return said + " " + process.waitFor();
  }
}
