package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.schema.TableSection;
import java.nio.file.Path;
import java.util.List;
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

  private static final String APP_KEY = TestKeyFiles.pem(TestKeyFiles.rsa(2048).getPrivate());

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("table")
  void says_exactly_what_is_wrong_and_where(TableSection document) {
    Documents.write(directory.resolve("app.pem"), APP_KEY);
    Path file = directory.resolve("federation.yaml");
    Documents.write(file, document.text());
    List<Problem> problems = Documents.problems(file);
    assertThat(problems).isSorted();
    assertThat(
            problems.stream()
                .map(Problem::toString)
                .map(line -> line.substring("federation.yaml:".length()) + "\n")
                .collect(Collectors.joining()))
        .isEqualTo(document.expected());
  }

  @Test
  void the_table_is_long() {
    assertThat(table()).hasSizeGreaterThanOrEqualTo(80);
  }

  static Stream<TableSection> table() {
    return TableSection.table(TABLE, "problems");
  }
}
