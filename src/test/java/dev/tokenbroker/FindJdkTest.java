package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code .mvn/find-jdk.sh}, run by a real shell on a made-up machine: the usual places are moved
 * below a temporary folder, and the JDKs there are a {@code release} file and a {@code javac}.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class FindJdkTest {

  @TempDir Path machine;

  private Path script = Path.of("");

  @BeforeEach
  void move_the_usual_places() throws IOException {
    machine = machine.toRealPath();
    String moved =
        Files.readString(Path.of(".mvn", "find-jdk.sh"))
            .replaceAll("(?<=\\s)(?=/(usr|opt|Library)/)", machine.toString());
    assertThat(moved).contains(machine + "/usr/lib/jvm/");
    script = Files.writeString(machine.resolve("find-jdk.sh"), moved);
  }

  @Test
  void finds_a_jdk_25_behind_a_java_17_that_is_first_on_the_path() throws Exception {
    Path old = jdk("opt/seventeen", "17.0.21");
    Path wanted = jdk("usr/lib/jvm/temurin-25-jdk-amd64", "25.0.1");

    assertThat(run(old, null)).isEqualTo(new Result(0, wanted + "\n", ""));
  }

  @Test
  void replaces_a_java_home_that_is_too_old() throws Exception {
    Path old = jdk("usr/lib/jvm/java-17", "17.0.21");
    Path wanted = jdk("usr/lib/jvm/java-25", "25");

    assertThat(run(old, old)).isEqualTo(new Result(0, wanted + "\n", ""));
  }

  @Test
  void keeps_a_java_home_that_is_new_enough() throws Exception {
    Path newer = jdk("somewhere/else", "26-ea");
    jdk("usr/lib/jvm/java-25", "25.0.1");

    assertThat(run(null, newer)).isEqualTo(new Result(0, newer + "\n", ""));
  }

  @Test
  void prefers_the_jdk_on_the_path_where_it_is_new_enough() throws Exception {
    Path onPath = jdk("somewhere/else", "25.0.2");
    jdk("usr/lib/jvm/java-25", "25.0.1");

    assertThat(run(onPath, null)).isEqualTo(new Result(0, onPath + "\n", ""));
  }

  @Test
  void leaves_out_the_one_that_is_there_for_compilers_to_run_on() throws Exception {
    jdk("usr/lib/jvm/java-25-openjdk-amd64-jvmci", "25.0.2");
    Path wanted = jdk("usr/lib/jvm/temurin-25-jdk-amd64", "25.0.1");

    assertThat(run(jdk("opt/seventeen", "17"), null)).isEqualTo(new Result(0, wanted + "\n", ""));
  }

  @Test
  void finds_those_of_version_managers() throws Exception {
    Path wanted = jdk("home/.sdkman/candidates/java/25-tem", "25.0.1");

    assertThat(run(jdk("opt/seventeen", "17"), null)).isEqualTo(new Result(0, wanted + "\n", ""));
  }

  @Test
  void says_what_to_do_where_there_is_none() throws Exception {
    Path old = jdk("usr/lib/jvm/java-17", "17.0.21");
    Files.createDirectories(machine.resolve("usr/lib/jvm/jre-25/bin"));

    assertThat(run(old, null))
        .isEqualTo(
            new Result(
                1,
                "",
                "Token Broker needs JDK 25 or newer, and none was found: install one and set"
                    + " JAVA_HOME to it.\n"));
  }

  private record Result(int exit, String home, String complaint) {}

  private Result run(@Nullable Path onPath, @Nullable Path javaHome) throws Exception {
    // As mvnw sources it: errors end the shell, and globbing is off.
    ProcessBuilder shell =
        new ProcessBuilder(
            "sh", "-c", "set -euf; . \"$1\"; echo \"$JAVA_HOME\"", "sh", "" + script);
    shell.environment().keySet().removeAll(List.of("JAVA_HOME", "MVNW_VERBOSE"));
    shell.environment().put("HOME", machine.resolve("home").toString());
    shell
        .environment()
        .put("PATH", (onPath == null ? "" : onPath.resolve("bin") + ":") + "/usr/bin:/bin");
    if (javaHome != null) {
      shell.environment().put("JAVA_HOME", javaHome.toString());
    }
    Path complaint = machine.resolve("stderr");
    Process process = shell.redirectError(complaint.toFile()).start();
    String home = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), home, Files.readString(complaint));
  }

  private Path jdk(String place, String version) throws IOException {
    Path home = machine.resolve(place);
    Path javac = Files.createDirectories(home.resolve("bin")).resolve("javac");
    Files.writeString(javac, "#!/bin/sh\n");
    assertThat(javac.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }
}
