package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The number in an annotation is a default that only a property of the library can change. */
class BulkheadSettingsTest {

  private static final Path SOURCES = Path.of("src/main/java");

  private static final Pattern BOUNDED =
      Pattern.compile("@Bulkhead\\(.*?\\n  (?!@)[^(]*?(\\w+)\\(", Pattern.DOTALL);

  @Test
  void each_bulkhead_has_its_number_from_a_setting_of_the_broker() throws IOException {
    Properties properties = new Properties();
    try (var file = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
      properties.load(file);
    }

    List<String> methods;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      methods =
          files
              .filter(file -> file.toString().endsWith(".java"))
              // No setting: the page on the life of tokens states these numbers.
              .filter(file -> !file.endsWith("AssertionChecks.java"))
              .flatMap(BulkheadSettingsTest::bounded)
              .toList();
    }

    assertThat(methods)
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(
            method ->
                assertThat(
                        properties.getProperty(
                            "quarkus.fault-tolerance.\"" + method + "\".bulkhead.value"))
                    .as(method)
                    .startsWith("${token-broker."));
  }

  /** The methods of a file that have a bulkhead, as "package.Class/method". */
  private static Stream<String> bounded(Path file) {
    String type = SOURCES.relativize(file).toString().replaceAll("\\.java$", "").replace('/', '.');
    return BOUNDED.matcher(text(file)).results().map(found -> type + "/" + found.group(1));
  }

  private static String text(Path file) {
    return Unchecked.get(() -> Files.readString(file));
  }
}
