package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code pom.xml} says of tests is true of them. */
class BuildTest {

  private static final List<Path> TESTS =
      List.of(Path.of("src/test/java"), Path.of("src/dev/test/java"));
  private static final Path LIST = Path.of("src/test/resources/with-application.txt");
  private static final Path STORMS = Path.of("src/test/resources/storm-with-application.txt");
  private static final Pattern WITH_APPLICATION = Pattern.compile("(?m)^@QuarkusTest$");
  private static final Pattern STORM = Pattern.compile("(?m)^@Tag\\(\"storm\"\\)$");
  private static final Pattern WITH_TESTS =
      Pattern.compile("(?m)^  @(Test|ParameterizedTest|RepeatedTest|TestFactory)\\b");

  /** Two at a time would write the same federation document. */
  @Test
  void tests_with_a_running_application_run_one_after_the_other_and_all_others_two_at_a_time()
      throws IOException {
    List<String> withApplication = classes(WITH_APPLICATION, "Test.java");
    List<String> storms = classes(STORM, "Test.java");
    assertThat(lines(LIST))
        .as("the lines of %s, each @QuarkusTest being one", LIST)
        .containsExactlyInAnyOrderElementsOf(withApplication);
    assertThat(lines(STORMS))
        .as("the lines of %s, each of those that is a storm being one", STORMS)
        .containsExactlyInAnyOrderElementsOf(
            withApplication.stream().filter(storms::contains).toList());
    assertThat(Files.readString(Path.of("pom.xml")))
        .containsOnlyOnce("${project.basedir}/" + LIST)
        .containsOnlyOnce("${project.basedir}/" + STORMS)
        .containsOnlyOnce("<excludesFile>${test.storm-with-application}<")
        .containsOnlyOnce("<includesFile>${test.with-application}<")
        .containsOnlyOnce("<include>**/*Test.java<")
        .containsOnlyOnce("<excludesFile>${test.with-application}<");
  }

  @Test
  void every_class_that_has_tests_is_named_so_that_it_is_run() throws IOException {
    assertThat(classes(WITH_TESTS, ".java"))
        .isNotEmpty()
        .allMatch(name -> name.endsWith("Test.java") || name.endsWith("IT.java"));
  }

  private static List<String> lines(Path list) throws IOException {
    return Files.readAllLines(list).stream().filter(line -> !line.startsWith("#")).toList();
  }

  private static List<String> classes(Pattern having, String ending) throws IOException {
    List<String> classes = new ArrayList<>();
    for (Path root : TESTS) {
      try (Stream<Path> files = Files.walk(root)) {
        files
            .filter(file -> file.toString().endsWith(ending))
            .filter(file -> having.matcher(text(file)).find())
            .forEach(file -> classes.add(root.relativize(file).toString()));
      }
    }
    return classes;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
