package dev.tokenbroker.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents with mistakes, and exactly what is said about each: {@code bad-documents.txt} has one
 * section a document, with {@code line: message. Remedy} for every problem in order.
 */
class BadDocumentsTest {

  private static final String TABLE = "/federation/bad-documents.txt";

  @TempDir Path directory;

  record BadDocument(String name, String text, String problems) {

    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource("table")
  void says_exactly_what_is_wrong_and_where(BadDocument document) {
    Path file = directory.resolve("federation.yaml");
    Documents.write(file, document.text());
    List<Problem> problems = Documents.problems(file);
    assertThat(problems).isSorted();
    assertThat(
            problems.stream()
                .map(Problem::toString)
                .map(line -> line.substring("federation.yaml:".length()) + "\n")
                .collect(Collectors.joining()))
        .isEqualTo(document.problems());
  }

  @Test
  void the_table_is_long() {
    assertThat(table()).hasSizeGreaterThanOrEqualTo(80);
  }

  static Stream<BadDocument> table() {
    return Arrays.stream(resource().split("(?m)^=== ", -1)).skip(1).map(BadDocumentsTest::read);
  }

  private static BadDocument read(String section) {
    int name = section.indexOf('\n');
    int end = section.indexOf("--- problems\n");
    return new BadDocument(
        section.substring(0, name),
        section.substring(name + 1, end).replace("\\u0007", "\u0007"),
        section.substring(end + "--- problems\n".length()));
  }

  private static String resource() {
    try (InputStream in = BadDocumentsTest.class.getResourceAsStream(TABLE)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
