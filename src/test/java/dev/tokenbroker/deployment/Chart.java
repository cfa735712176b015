package dev.tokenbroker.deployment;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The Helm chart, and what Helm renders from it for the sets of values in {@link #SETS}.
 *
 * <p>Helm renders a copy. There links are files, the pod of {@code helm test} is no hook, which
 * Helm would leave out, and the notes are one more template.
 */
final class Chart {

  static final Path FOLDER = Path.of("src/main/helm/token-broker");

  /** A file of values for each set, named for it. */
  static final Path SETS = Path.of("src/test/resources/chart");

  /** The set whose rendering is {@link Manifests#FOLDER}. */
  static final String PLAIN = "plain";

  /** The release and its namespace. */
  static final String NAME = "token-broker";

  static final String TEST_POD = "tests/doctor.yaml";
  static final String NOTES = "notes.yaml";

  private static final String KUBERNETES = "1.33.0";
  private static final String SEPARATOR = "---\n";
  private static final String SOURCE = "# Source: " + NAME + "/templates/";
  private static final String HOOK = "    helm.sh/hook: test\n";
  private static final String VALUES = "values.yaml";
  private static final String NOTES_TEMPLATE =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: notes}
      data:
        text: |
          {{- tpl (.Files.Get "files/NOTES.txt") . | nindent 4 }}
      """;

  private final Path copy;

  /**
   * @param folder for the copy
   */
  Chart(Path folder) throws IOException {
    this.copy = folder.resolve(NAME);
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(FOLDER.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.write(to, Files.readAllBytes(file));
        }
      }
    }
    Path templates = copy.resolve("templates");
    Path test = templates.resolve(TEST_POD);
    Files.writeString(test, Documents.text(test).replace(HOOK, ""));
    Files.copy(templates.resolve("NOTES.txt"), copy.resolve("files/NOTES.txt"));
    Files.writeString(templates.resolve(NOTES), NOTES_TEMPLATE);
  }

  /** The names of all sets. */
  static List<String> sets() {
    try (Stream<Path> files = Files.list(SETS)) {
      return files
          .map(file -> file.getFileName().toString().replace(".yaml", ""))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path values(String set) {
    return SETS.resolve(set + ".yaml");
  }

  /**
   * The text that Helm renders for each template, in the order of its output.
   *
   * @throws IllegalStateException if Helm refuses the values
   */
  Map<String, String> render(Path values) {
    return render(NAME, values);
  }

  /** The same for a release of that name. */
  Map<String, String> render(String release, Path values) {
    return byTemplate(
        new Helm(copy)
            .template()
            .withName(release)
            .withNamespace(NAME)
            .withKubeVersion(KUBERNETES)
            .withValuesFile(values)
            .call());
  }

  Map<String, String> render(String set) {
    return render(values(set));
  }

  /** The manifests that a release of a set has, without the pod of {@code helm test}. */
  static Manifests manifests(Map<String, String> rendered) {
    return new Manifests(
        rendered.entrySet().stream()
            .filter(file -> !file.getKey().equals(NOTES) && !file.getKey().equals(TEST_POD))
            .flatMap(file -> Documents.ofText(file.getValue()).stream())
            .toList());
  }

  /** What {@code helm lint --strict} says of the chart with the values of a set. */
  LintResult lint(String set) throws IOException {
    Path defaults = copy.resolve(VALUES);
    Map<String, Object> values = Documents.one(FOLDER.resolve(VALUES));
    overlay(values, Documents.one(values(set)));
    Documents.write(defaults, values);
    try {
      return new Helm(copy).lint().strict().call();
    } finally {
      Files.writeString(defaults, Documents.text(FOLDER.resolve(VALUES)));
    }
  }

  private static void overlay(Map<String, Object> values, Map<String, Object> with) {
    with.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> over && values.get(name) instanceof Map<?, ?> under) {
            overlay(Documents.map(under), Documents.map(over));
          } else {
            values.put(name, value);
          }
        });
  }

  private static Map<String, String> byTemplate(String output) {
    Map<String, List<String>> documents = new LinkedHashMap<>();
    for (String document : output.split("(?m)^---\n", -1)) {
      if (document.startsWith(SOURCE)) {
        int end = document.indexOf('\n');
        documents
            .computeIfAbsent(document.substring(SOURCE.length(), end), _ -> new ArrayList<>())
            .add(document.substring(end + 1).strip() + "\n");
      }
    }
    Map<String, String> texts = new LinkedHashMap<>();
    documents.forEach((file, parts) -> texts.put(file, String.join(SEPARATOR, parts)));
    return texts;
  }
}
