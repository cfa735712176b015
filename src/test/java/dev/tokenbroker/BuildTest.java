package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each class that has tests has a name by which the build or {@code .ci/run} runs it. */
class BuildTest {

  private static final List<Path> TESTS =
      List.of(Path.of("src/test/java"), Path.of("src/dev/test/java"));
  private static final Pattern WITH_TESTS =
      Pattern.compile("(?m)^  @(Test|ParameterizedTest|RepeatedTest|TestFactory)\\b");
  private static final Pattern NOT_HELPERS =
      Pattern.compile(".*(Test|IT|Storm|Suite)|package-info");
  private static final Pattern NAMES = Pattern.compile(".*(Test|IT|Storm)\\.java");

  @Test
  void every_class_that_has_tests_is_named_so_that_it_is_run() throws IOException {
    List<String> classes = new ArrayList<>();
    for (Path root : TESTS) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
          if (WITH_TESTS.matcher(Files.readString(file)).find()) {
            classes.add(file.toString());
          }
        }
      }
    }

    assertThat(classes).isNotEmpty().allMatch(name -> NAMES.matcher(name).matches());
  }

  @Test
  void every_room_names_the_helpers_of_its_tests() throws IOException {
    List<String> unnamed = new ArrayList<>();
    try (Stream<Path> files = Files.walk(TESTS.getFirst())) {
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        Path room = file.resolveSibling("package-info.java");
        if (!NOT_HELPERS.matcher(name).matches()
            && !(Files.exists(room)
                && Files.readString(room)
                    .replaceAll("[\\s*]+", " ")
                    .contains("{@link " + name + "}"))) {
          unnamed.add(file.toString());
        }
      }
    }

    assertThat(unnamed).as("helpers that no package-info names").isEmpty();
  }
}
