package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestTag;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Each class that has tests can be run by the build or {@code .ci/run}, and once more if it fails.
 */
class BuildTest {

  private static final Pattern CHOSEN =
      Pattern.compile("(?:[gG]roups|excluded)[=>]['\"]?([\\w|&(), -]+)");
  private static final Pattern CLOSED_FOR_GOOD =
      Pattern.compile("@AutoClose\\s+[a-z ]*\\bstatic final\\b");
  private static final Pattern NOT_HELPERS =
      Pattern.compile(".*(Test|IT|Storm|Suite)|package-info");
  private static final Pattern NAMES = Pattern.compile(".*(Test|IT|Storm)(\\$\\w+)*");

  private static final List<TestIdentifier> TESTS = TestClasses.all(Path.of("target/test-classes"));

  @Test
  void every_class_that_has_tests_is_named_so_that_it_is_run() {
    assertThat(TestClasses.names(TESTS))
        .isNotEmpty()
        .allMatch(name -> NAMES.matcher(name).matches());
  }

  @Test
  void every_tag_is_one_by_which_the_build_or_a_step_of_ci_chooses() throws IOException {
    Set<String> chosen = new HashSet<>();
    for (String file : List.of("pom.xml", ".ci/run")) {
      CHOSEN
          .matcher(Files.readString(Path.of(file)))
          .results()
          .forEach(choice -> chosen.addAll(List.of(choice.group(1).split("[^\\w-]+"))));
    }

    assertThat(TESTS)
        .flatExtracting(TestIdentifier::getTags)
        .extracting(TestTag::getName)
        .filteredOn(name -> !name.contains(".")) // Quarkus tags its tests with a class name.
        .isNotEmpty()
        .isSubsetOf(chosen);
  }

  @Test
  void no_class_closes_for_good_what_it_needs_to_run_once_more() throws IOException {
    List<Path> closing = new ArrayList<>();
    for (Path file : sources()) {
      if (CLOSED_FOR_GOOD.matcher(Files.readString(file)).find()) {
        closing.add(file);
      }
    }

    assertThat(closing).as("fields that are closed and never made again").isEmpty();
  }

  @Test
  void every_room_names_the_helpers_of_its_tests() throws IOException {
    List<Path> unnamed = new ArrayList<>();
    for (Path file : sources()) {
      String name = file.getFileName().toString().replace(".java", "");
      Path room = file.resolveSibling("package-info.java");
      if (!NOT_HELPERS.matcher(name).matches()
          && !(Files.exists(room)
              && Files.readString(room)
                  .replaceAll("[\\s*]+", " ")
                  .contains("{@link " + name + "}"))) {
        unnamed.add(file);
      }
    }

    assertThat(unnamed).as("helpers that no package-info names").isEmpty();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }
}
