package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the audit line and its document together. */
class AuditDocumentTest {

  private static final Pattern MEMBER = Pattern.compile("\"([a-z0-9_]+)\":");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[^|]+) \\| [^|]+ \\| ");
  private static final Pattern CODE = Pattern.compile("`([a-z0-9_]+)`");

  @Test
  void every_member_stands_in_the_document_and_no_other() throws IOException {
    Set<String> written =
        Golden.lines("audit-lines.txt").stream()
            .flatMap(line -> MEMBER.matcher(line).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> documented =
        ROW.matcher(Files.readString(Path.of("src/docs/audit.md")))
            .results()
            .map(MatchResult::group)
            .map(row -> row.split("\\|", -1)[1])
            .flatMap(names -> CODE.matcher(names).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(written);
  }
}
