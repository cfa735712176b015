package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of what the RFCs demand names tests; each of them is there. */
class StandardsTest {

  private static final Path DOCUMENT = Path.of("src/docs/use/standards.md");
  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

  @Test
  void names_only_tests_that_exist() throws IOException {
    Map<String, String> sources = sources();

    List<String> missing =
        TEST.matcher(Files.readString(DOCUMENT))
            .results()
            .filter(named -> !holds(sources.getOrDefault(named.group(1), ""), named.group(2)))
            .map(MatchResult::group)
            .distinct()
            .toList();

    assertThat(missing).isEmpty();
  }

  @Test
  void names_a_test_for_each_demand() throws IOException {
    List<String> demands =
        Files.readAllLines(DOCUMENT).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| section |"))
            .toList();

    assertThat(demands).hasSizeGreaterThan(30).allMatch(row -> TEST.matcher(row).find());
  }

  private static boolean holds(String source, String test) {
    return Pattern.compile("Test(\\s|@\\w+(\\([^)]*\\))?)*void " + test + "\\(")
        .matcher(source)
        .find();
  }

  private static Map<String, String> sources() throws IOException {
    try (Stream<Path> tests = Files.walk(Path.of("src/test/java"));
        Stream<Path> interop = Files.walk(Path.of("src/interop/java"))) {
      return Stream.concat(tests, interop)
          .filter(file -> file.getFileName().toString().matches("\\w+(Test|IT)\\.java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  StandardsTest::read,
                  (one, other) -> one + other));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new AssertionError(file.toString(), unreadable);
    }
  }
}
