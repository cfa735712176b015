package dev.tokenbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents hold together: links lead somewhere, and what they promise in number is there. */
class DocumentsTest {

  private static final Path README = Path.of("README.md");
  private static final Path DOCS = Path.of("src/docs");
  private static final int MOST_LINES_OF_README = 100;

  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern INLINE_CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(README));
    for (Path root : List.of(DOCS, Path.of(".github"))) {
      try (Stream<Path> files = Files.walk(root)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
      }
    }
    return pages;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void each_link_of_a_page_leads_to_a_file_and_a_heading_of_it(Path page) throws IOException {
    List<String> dead = new ArrayList<>();
    for (String link : links(Files.readString(page))) {
      if (URI.create(link).getScheme() == null && !leadsSomewhere(page, link)) {
        dead.add(link);
      }
    }

    assertThat(dead).isEmpty();
  }

  @Test
  void the_readme_has_at_most_a_hundred_lines() throws IOException {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(MOST_LINES_OF_README);
  }

  @Test
  void each_of_a_platform_engineers_twenty_questions_names_one_page() throws IOException {
    String index = Files.readString(DOCS.resolve("README.md"));
    List<String> rows =
        index
            .substring(index.indexOf("## A platform engineer's questions"))
            .lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| question"))
            .toList();

    assertThat(rows).hasSize(20).allSatisfy(row -> assertThat(links(row)).hasSize(1));
  }

  /** The versions that the build uses are those that the page says are tested. */
  @ParameterizedTest
  @CsvSource({"quarkus.version, Quarkus", "keycloak.version, Keycloak"})
  void names_the_versions_that_are_tested(String property, String product) throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String version =
        pom.substring(pom.indexOf("<" + property + ">") + property.length() + 2)
            .replaceFirst("(?s)<.*", "");

    assertThat(Files.readString(DOCS.resolve("operate/stability.md")))
        .contains("| " + product + " | " + version + " |");
  }

  private static List<String> links(String text) {
    String prose = INLINE_CODE.matcher(FENCED.matcher(text).replaceAll("")).replaceAll("`");
    return LINK.matcher(prose).results().map(result -> result.group(1)).toList();
  }

  private static boolean leadsSomewhere(Path page, String link) throws IOException {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path directory = Objects.requireNonNullElse(page.getParent(), Path.of(""));
    Path target = file.isEmpty() ? page : directory.resolve(file).normalize();
    return Files.exists(target)
        && (hash < 0 || anchors(Files.readString(target)).contains(link.substring(hash + 1)));
  }

  /** As GitHub makes them: lower case, hyphens for spaces, no punctuation. */
  private static Set<String> anchors(String text) {
    return HEADING
        .matcher(FENCED.matcher(text).replaceAll(""))
        .results()
        .map(DocumentsTest::anchor)
        .collect(Collectors.toSet());
  }

  private static String anchor(MatchResult heading) {
    return heading
        .group(1)
        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }
}
