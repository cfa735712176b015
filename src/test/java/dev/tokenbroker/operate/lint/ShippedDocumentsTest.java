package dev.tokenbroker.operate.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.ShippedFederations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The lint has nothing to say of the federation documents that we show to others. */
class ShippedDocumentsTest {

  private static final Pattern BLOCK = Pattern.compile("(?s)```yaml\n(issuers:.*?)```");

  @TempDir Path directory;

  @Test
  void of_compose() throws IOException {
    assertSound(ShippedFederations.ofCompose(directory));
  }

  @Test
  void of_kubernetes() throws IOException {
    Map<String, Map<String, String>> manifest =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(Path.of("src/main/kubernetes/federation.yaml")));
    Map<String, String> data = Objects.requireNonNull(manifest.get("data"));

    assertSound(load(Objects.requireNonNull(data.get("federation.yaml"))));
  }

  @Test
  void of_dev_mode() throws IOException {
    String document =
        Files.readString(Path.of("src/dev/resources/dev/tokenbroker/devissuer/federation.yaml"));

    Files.writeString(directory.resolve("dev-corp-sso.secret"), "not the one of dev mode");
    assertSound(
        load(
            document
                .replace("http://localhost:8080", "https://localhost:8080")
                .replaceFirst(" +jwksFile: .*\n", "")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "src/docs/use/federation.md"})
  void of_the_documents(String file) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(Path.of(file)));
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }

    assertThat(blocks).isNotEmpty();
    for (String block : blocks) {
      assertSound(load(block));
    }
  }

  private LoadResult load(String document) throws IOException {
    return ShippedFederations.load(
        Files.writeString(directory.resolve("federation.yaml"), document));
  }

  private static void assertSound(LoadResult result) {
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    assertThat(Lint.of((LoadResult.Loaded) result)).isEmpty();
  }
}
