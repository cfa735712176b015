package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code pom.xml} says of tests is true of them. */
class BuildTest {

  private static final Path TESTS = Path.of("src/test/java");
  private static final Pattern WITH_APPLICATION = Pattern.compile("(?m)^@QuarkusTest$");

  /** Two at a time would write the same federation document. */
  @Test
  void tests_with_a_running_application_run_one_after_the_other() throws IOException {
    String build = Files.readString(Path.of("pom.xml"));
    List<Path> classes;
    try (Stream<Path> files = Files.walk(TESTS)) {
      classes =
          files
              .filter(file -> file.toString().endsWith("Test.java"))
              .filter(file -> WITH_APPLICATION.matcher(text(file)).find())
              .map(TESTS::relativize)
              .toList();
    }

    assertThat(classes)
        .isNotEmpty()
        .allMatch(
            one ->
                Stream.of(one + "<", one.getParent() + "/*Test.java<")
                        .anyMatch(named -> build.contains("<include>" + named))
                    && Stream.of(one + "<", one.getParent() + "/*<")
                        .anyMatch(named -> build.contains("<exclude>" + named)));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
