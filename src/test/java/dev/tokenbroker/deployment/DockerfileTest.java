package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told of the images without building them; docker/try builds and runs them. */
class DockerfileTest {

  /** Who the broker runs as; nobody on any machine, and not root. */
  static final int USER = 10001;

  private static final Pattern CONTINUED = Pattern.compile("\\\\\\n\\s*");

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void runs_without_a_shell_as_a_numbered_user_who_is_not_root(String kind) {
    List<String> last = lastStage(kind);
    assertThat(last).contains("USER " + USER + ":" + USER);
    assertThat(last)
        .filteredOn(line -> line.matches("(ENTRYPOINT|CMD) .*"))
        .singleElement()
        .asString()
        .matches("ENTRYPOINT \\[\".*]");
    assertThat(last).noneMatch(line -> line.startsWith("RUN "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void asks_the_broker_itself_for_its_health(String kind) {
    assertThat(lastStage(kind))
        .filteredOn(line -> line.startsWith("HEALTHCHECK "))
        .singleElement()
        .asString()
        .matches(".* CMD \\[\".*\"health\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void has_the_program_token_broker_on_its_path(String kind) {
    assertThat(lastStage(kind))
        .anyMatch(line -> line.startsWith("ENV PATH=/opt/token-broker:"))
        .anyMatch(line -> line.matches("COPY .*0555 (/out|src/main/bin/token-broker)/? .*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void exposes_http_http_with_tls_and_grpc(String kind) {
    assertThat(lastStage(kind)).contains("EXPOSE 8080 8443 9000 9100");
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void takes_every_base_image_from_an_argument(String kind) {
    assertThat(lines(kind))
        .filteredOn(line -> line.startsWith("FROM "))
        .allMatch(line -> line.matches("FROM (scratch|\\$\\{\\w+})( AS \\w+)?"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void has_its_sbom_wherever_the_application_comes_from(String kind) {
    assertThat(lines(kind))
        .filteredOn(line -> line.contains("target/sbom.json"))
        .hasSize(2)
        .allMatch(line -> line.endsWith("target/sbom.json /out/"));
  }

  @Test
  void both_images_are_labelled_alike() {
    assertThat(label("jvm")).isEqualTo(label("native")).contains("org.opencontainers.image.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "jvm"})
  void what_is_copied_is_let_through_to_the_builder(String kind) {
    List<String> let =
        Documents.text(Path.of(".dockerignore"))
            .lines()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    assertThat(copied(kind))
        .isNotEmpty()
        .allSatisfy(
            source ->
                assertThat(let)
                    .anyMatch(
                        pattern ->
                            pattern.equals(source)
                                || source.startsWith(pattern + "/")
                                || FileSystems.getDefault()
                                    .getPathMatcher("glob:" + pattern)
                                    .matches(Path.of(source))));
  }

  /** What is copied from the sources. */
  private static List<String> copied(String kind) {
    List<String> sources = new ArrayList<>();
    for (String line : lines(kind)) {
      if (line.startsWith("COPY ") && !line.contains("--from=")) {
        List<String> words =
            List.of(line.split("\\s+", -1)).stream().filter(w -> !w.startsWith("--")).toList();
        sources.addAll(words.subList(1, words.size() - 1));
      }
    }
    return sources;
  }

  private static String label(String kind) {
    return lines(kind).stream().filter(line -> line.startsWith("LABEL ")).findFirst().orElseThrow();
  }

  private static List<String> lastStage(String kind) {
    List<String> lines = lines(kind);
    int from = 0;
    for (int at = 0; at < lines.size(); at++) {
      from = lines.get(at).startsWith("FROM ") ? at : from;
    }
    return lines.subList(from, lines.size());
  }

  /** The instructions, each on one line. */
  private static List<String> lines(String kind) {
    String text = Documents.text(Path.of("docker/Dockerfile." + kind));
    return CONTINUED
        .matcher(text)
        .replaceAll("")
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}
