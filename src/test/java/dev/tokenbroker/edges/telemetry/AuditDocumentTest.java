package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.logging.LogRuntimeConfig;
import io.quarkus.runtime.logging.LogRuntimeConfig.FileConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the audit line and its document together. */
class AuditDocumentTest {

  private static final Path DOCUMENT = Path.of("src/docs/operate/audit.md");
  private static final Pattern PROPERTIES = Pattern.compile("(?s)```properties\n(.+?)```");
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
        ROW.matcher(Files.readString(DOCUMENT))
            .results()
            .map(MatchResult::group)
            .map(row -> row.split("\\|", -1)[1])
            .flatMap(names -> CODE.matcher(names).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(written);
  }

  /** A key that is spelt differently is no error: it is not heard, and the handler deletes. */
  @Test
  void the_file_handler_of_the_document_keeps_all_that_it_writes() throws IOException {
    FileConfig handler = fileHandler();

    assertThat(handler.enabled()).isTrue();
    assertThat(handler.format()).isEqualTo("%s%n");
    assertThat(handler.rotation().fileSuffix()).contains(".yyyy-MM-dd");
    assertThat(handler.rotation().maxBackupIndex()).isZero();
  }

  private static FileConfig fileHandler() throws IOException {
    Matcher properties = PROPERTIES.matcher(Files.readString(DOCUMENT));
    assertThat(properties.find()).isTrue();
    Properties settings = new Properties();
    settings.load(new StringReader(properties.group(1)));
    Map<String, String> values = new HashMap<>();
    settings.stringPropertyNames().forEach(name -> values.put(name, settings.getProperty(name)));
    return Objects.requireNonNull(
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(LogRuntimeConfig.class)
            .withMappingIgnore("quarkus.**")
            .withSources(new PropertiesConfigSource(values, "document", 300))
            .build()
            .getConfigMapping(LogRuntimeConfig.class)
            .fileHandlers()
            .get("audit-file"));
  }
}
