package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InitCommandTest {

  @TempDir Path directory;

  static List<String> presets() {
    return InitCommand.PRESETS;
  }

  @ParameterizedTest
  @MethodSource("presets")
  void each_preset_loads_without_warning_and_its_cases_cover_rules(String preset)
      throws IOException {
    Ran wrote = init(preset + " --into " + directory);
    assertThat(wrote.err()).isEmpty();
    assertThat(wrote.code()).isZero();
    Files.writeString(
        directory.resolve("github-app.pem"), TestKeyFiles.pem(TestKeyFiles.rsa(2048).getPrivate()));

    Ran checked = new Shell().run("check", "--fail-on", "warning", file("federation.yaml"));
    assertThat(checked.err()).isEmpty();
    assertThat(checked.code()).isZero();

    Ran tested = new Shell().run("test", "--require-coverage", file("federation.cases.yaml"));
    assertThat(tested.err()).isEmpty();
    assertThat(tested.out()).contains("all as expected");
    assertThat(tested.code()).isZero();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void prints_what_it_would_write(String preset) throws IOException {
    assertThat(init(preset + " --into " + directory).code()).isZero();

    assertThat(init(preset).out())
        .isEqualTo(Files.readString(directory.resolve("federation.yaml")))
        .contains("# change:");
    assertThat(init(preset + " --cases").out())
        .isEqualTo(Files.readString(directory.resolve("federation.cases.yaml")));
  }

  @Test
  void has_no_preset_that_it_does_not_name() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/dev/tokenbroker/preset"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              presets().stream()
                  .flatMap(preset -> Stream.of(preset + ".yaml", preset + ".cases.yaml"))
                  .toList());
    }
  }

  @Test
  void replaces_no_file_and_writes_none_beside_it() throws IOException {
    Files.writeString(directory.resolve("federation.cases.yaml"), "mine");

    Ran ran = init("aws --into " + directory);

    assertThat(ran)
        .isEqualTo(
            Ran.told(
                1,
                "%s exists; move it away, or choose another directory"
                    .formatted(file("federation.cases.yaml"))));
    assertThat(directory.resolve("federation.yaml")).doesNotExist();
    assertThat(directory.resolve("federation.cases.yaml")).hasContent("mine");
  }

  @Test
  void makes_the_directory_unless_a_file_is_in_its_place() throws IOException {
    assertThat(init("aws --into " + file("new/one")).code()).isZero();
    assertThat(directory.resolve("new/one/federation.yaml")).exists();
    Files.writeString(directory.resolve("taken"), "mine");

    assertThat(init("aws --into " + file("taken")))
        .isEqualTo(Ran.told(74, "%s is not a directory".formatted(file("taken"))));
  }

  private static Ran init(String options) {
    return new Shell().line("init --preset " + options);
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }
}
