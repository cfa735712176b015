package dev.tokenbroker.evaluate.federation.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryChange;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryDifference;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.schema.TableSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Documents that differ, and exactly what is said about each: {@code differences.txt} begins with a
 * directory; each section after it replaces lines of its files, and lists the differences.
 */
class DocumentDiffTest {

  private static final String TABLE = "/federation/differences.txt";

  @TempDir Path directory;

  /**
   * A section of the table.
   *
   * @param edits lines with {@code -} are in one of the files; the lines with {@code +} below them
   *     replace them. A line {@code ~} separates removed lines that do not follow each other
   */
  record Edited(String name, List<String> edits, String differences) {

    static Edited of(TableSection section) {
      return new Edited(section.name(), section.text().lines().toList(), section.expected());
    }

    @Override
    public String toString() {
      return name;
    }

    /** The files after all replacements. */
    Map<String, String> applied(Map<String, String> files) {
      Map<String, String> edited = new LinkedHashMap<>(files);
      StringBuilder old = new StringBuilder();
      StringBuilder replacement = new StringBuilder();
      for (String edit : edits) {
        if (edit.equals("~") || (edit.startsWith("- ") && !replacement.isEmpty())) {
          replace(edited, old, replacement);
        }
        if (edit.equals("~")) {
          continue;
        }
        (edit.startsWith("- ") ? old : replacement).append(edit.substring(2)).append('\n');
      }
      replace(edited, old, replacement);
      return edited;
    }

    private static void replace(
        Map<String, String> files, StringBuilder old, StringBuilder replacement) {
      List<String> holders =
          files.keySet().stream()
              .filter(file -> ("\n" + files.get(file)).contains("\n" + old))
              .toList();
      assertThat(old.isEmpty() ? List.of("") : holders).as("files with\n" + old).hasSize(1);
      if (!old.isEmpty()) {
        files.computeIfPresent(
            holders.getFirst(),
            (_, text) -> {
              String edited = ("\n" + text).replace("\n" + old, "\n" + replacement).substring(1);
              assertThat(text.length() - edited.length())
                  .as("replaced once")
                  .isEqualTo(old.length() - replacement.length());
              return edited;
            });
      }
      old.setLength(0);
      replacement.setLength(0);
    }
  }

  @ParameterizedTest
  @MethodSource("table")
  void names_exactly_what_differs_and_where(Edited edited) throws IOException {
    Map<String, String> base = base();
    Outline from = outline("from", base);
    Outline to = outline("to", edited.applied(base));

    assertThat(shown(DocumentDiff.between(from, to))).isEqualTo(edited.differences());
  }

  @ParameterizedTest
  @MethodSource("table")
  void names_the_same_entries_in_the_other_direction(Edited edited) throws IOException {
    Map<String, String> base = base();
    Outline from = outline("from", base);
    Outline to = outline("to", edited.applied(base));

    assertThat(DocumentDiff.between(to, from).entries())
        .extracting(entry -> List.of(entry.section(), entry.name(), undone(entry)))
        .containsExactlyInAnyOrderElementsOf(
            DocumentDiff.between(from, to).entries().stream()
                .map(entry -> List.of(entry.section(), entry.name(), entry.change()))
                .toList());
  }

  private static EntryChange undone(EntryDifference entry) {
    return switch (entry.change()) {
      case ADDED -> EntryChange.REMOVED;
      case REMOVED -> EntryChange.ADDED;
      case CHANGED -> EntryChange.CHANGED;
      case MOVED -> EntryChange.MOVED;
    };
  }

  @Test
  void the_table_is_long() {
    assertThat(table()).hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void shows_where_long_texts_begin_to_differ_and_not_the_rest() throws IOException {
    String start = "claims.ref in [" + "\"refs/heads/x\", ".repeat(60);
    Outline from = outline("from", conditioned(start + "\"refs/heads/main\"]"));
    Outline to = outline("to", conditioned(start + "\"refs/heads/dev\"]"));

    assertThat(DocumentDiff.between(from, to).entries())
        .flatExtracting(EntryDifference::values)
        .singleElement()
        .satisfies(
            value -> {
              assertThat(value.from()).startsWith("…").endsWith("\"refs/heads/main\"]");
              assertThat(value.to()).startsWith("…").endsWith("\"refs/heads/dev\"]");
              assertThat(value.from().length()).isLessThan(100);
            });
  }

  @Test
  void shows_at_most_256_characters_of_a_value_and_no_token() throws IOException {
    String token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    Outline from = outline("from", conditioned("claims.ref == \"" + token + "\""));
    Outline to = outline("to", conditioned("claims.ref == \"" + "x".repeat(1000) + "\""));

    assertThat(DocumentDiff.between(from, to).entries())
        .flatExtracting(EntryDifference::values)
        .singleElement()
        .satisfies(
            value -> {
              assertThat(value.from()).isEqualTo("claims.ref == \"(a token)\"");
              assertThat(value.to()).hasSize(256).endsWith("…");
            });
  }

  @Test
  void shows_no_end_of_a_token_that_begins_before_the_difference() throws IOException {
    String token = "eyJhbGciOiJSUzI1NiJ9." + "eyJzdWIiOiJ4In0".repeat(40) + ".c2lnbmF0";
    Outline from = outline("from", conditioned("claims.ref == \"" + token + "YQ\""));
    Outline to = outline("to", conditioned("claims.ref == \"" + token + "Yg\""));

    assertThat(DocumentDiff.between(from, to).entries())
        .flatExtracting(EntryDifference::values)
        .singleElement()
        .extracting(DocumentDiff.ValueDifference::from, DocumentDiff.ValueDifference::to)
        .containsExactly("…(a token)…", "…(a token)…");
  }

  /** The document holds only the path of a secret. */
  @Test
  void a_secret_is_no_part_of_a_comparison() throws IOException {
    Map<String, String> other = base();
    other.put("one.secret", "changed-secret\n");

    assertThat(DocumentDiff.between(outline("from", base()), outline("to", other)).entries())
        .isEmpty();
    assertThat(
            DocumentDiff.between(outline("earlier", base()), outline("later", edited())).toString())
        .contains("two.secret")
        .doesNotContain("first-secret", "other-secret");
  }

  private static Map<String, String> edited() {
    return table()
        .filter(edited -> edited.name().equals("path of an upstream's secret changed"))
        .findFirst()
        .orElseThrow()
        .applied(base());
  }

  /** The fewest rules move, and the others are in the same order before and after. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void moves_the_fewest_rules(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<String> before = shuffled(random);
      List<String> after = shuffled(random);
      Set<String> moved = RuleOrder.moves(rules(before), rules(after)).keySet();

      assertThat(without(moved, before, after)).isEqualTo(without(moved, after, before));
      assertThat(moved)
          .as("seed %d: %s -> %s", seed, before, after)
          .hasSize(
              without(Set.of(), before, after).size()
                  - longestCommon(
                      without(Set.of(), before, after), without(Set.of(), after, before)));
    }
  }

  /** Some of ten rules in any order. */
  private static List<String> shuffled(Random random) {
    List<String> names =
        IntStream.range(0, 10)
            .filter(_ -> random.nextInt(4) > 0)
            .mapToObj(number -> "r" + number)
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(names, random);
    return names;
  }

  private static Map<String, Mapping> rules(List<String> names) {
    Map<String, Mapping> rules = new LinkedHashMap<>();
    names.forEach(name -> rules.put(name, new Mapping(Map.of(), new Place("a.yaml", 1))));
    return rules;
  }

  /** Those that the other list has, too, but for the moved ones. */
  private static List<String> without(Set<String> moved, List<String> names, List<String> others) {
    Set<String> common = new HashSet<>(others);
    common.removeAll(moved);
    return names.stream().filter(common::contains).toList();
  }

  /** By the textbook: a table of all beginnings. */
  private static int longestCommon(List<String> one, List<String> other) {
    int[][] lengths = new int[one.size() + 1][other.size() + 1];
    for (int i = 1; i <= one.size(); i++) {
      for (int j = 1; j <= other.size(); j++) {
        lengths[i][j] =
            one.get(i - 1).equals(other.get(j - 1))
                ? lengths[i - 1][j - 1] + 1
                : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
      }
    }
    return lengths[one.size()][other.size()];
  }

  @Test
  void names_few_of_many_passed_rules() {
    List<String> before = IntStream.range(0, 9).mapToObj(number -> "r" + number).toList();
    List<String> after = new ArrayList<>(before);
    Collections.rotate(after, -1);

    assertThat(RuleOrder.moves(rules(before), rules(after)))
        .extractingByKey("r0")
        .extracting(DocumentDiff.ValueDifference::from, DocumentDiff.ValueDifference::to)
        .containsExactly("before r1, r2, r3 and 5 more", "after r1, r2, r3 and 5 more");
  }

  private static String shown(DocumentDiff diff) {
    return diff.entries().stream().map(DocumentDiffTest::shown).collect(Collectors.joining());
  }

  private static String shown(EntryDifference entry) {
    String head =
        "%s %s %s %s\n"
            .formatted(
                entry.change().label(),
                entry.section().label(),
                entry.name(),
                places(entry.from(), entry.to()));
    return head
        + entry.values().stream()
            .map(
                value ->
                    "  %s: %s -> %s (%s)\n"
                        .formatted(
                            value.path(),
                            value.from(),
                            value.to(),
                            places(value.fromPlace(), value.toPlace())))
            .collect(Collectors.joining());
  }

  private static String places(@Nullable Place from, @Nullable Place to) {
    return (from == null ? "-" : from) + " -> " + (to == null ? "-" : to);
  }

  private static Map<String, String> conditioned(String condition) {
    Map<String, String> files = base();
    files.computeIfPresent(
        "b.yaml",
        (_, text) -> text.replace("claims.ref == \"refs/heads/main\"", "'" + condition + "'"));
    return files;
  }

  /** The outline of a document of these files. */
  private Outline outline(String name, Map<String, String> files) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(name));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    LoadResult result =
        new UnconnectedLoader(false, new TestClock()).load(folder, DocumentGate.OPEN);
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).outline();
  }

  /** The files of the first section. */
  private static Map<String, String> base() {
    Map<String, String> files = new LinkedHashMap<>();
    String section = TableSection.text(TABLE).split("(?m)^=== ", -1)[1];
    for (String file : section.substring(section.indexOf('@') + 2).split("(?m)^@ ", -1)) {
      int name = file.indexOf('\n');
      files.put(file.substring(0, name), file.substring(name + 1));
    }
    return files;
  }

  static Stream<Edited> table() {
    return TableSection.table(TABLE, "differences").map(Edited::of);
  }
}
