package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class SampleFederationTest {

  @TempDir Path folder;

  @Test
  void trusts_the_development_issuer_on_the_port_of_the_broker() {
    Map<String, List<Map<String, Object>>> document =
        new Yaml(new SafeConstructor(new LoaderOptions())).load(SampleFederation.document(9090));

    assertThat(document).containsOnlyKeys("issuers", "targets", "rules");
    assertThat(document.get("issuers"))
        .singleElement()
        .satisfies(
            issuer ->
                assertThat(issuer)
                    .containsEntry("issuer", DevIssuer.issuer(9090))
                    .containsEntry("audiences", List.of(DevCredential.AUDIENCE)));
    assertThat(document.get("targets"))
        .extracting(target -> target.get("audience"))
        .contains(Demonstration.TARGET);
  }

  @Test
  void is_laid_out_where_there_is_none_and_leaves_nothing_beside_it() throws Exception {
    Path file = folder.resolve("target").resolve("federation.yaml");

    SampleFederation.layOut(file, 8080);

    assertThat(file).hasContent(SampleFederation.document(8080));
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void is_left_alone_once_somebody_has_changed_it() throws Exception {
    Path file = folder.resolve("federation.yaml");
    SampleFederation.layOut(file, 8080);
    String changed = Files.readString(file) + "# mine\n";
    Files.writeString(file, changed);

    SampleFederation.layOut(file, 8080);

    assertThat(file).hasContent(changed);
  }

  @Test
  void is_written_anew_for_another_port() throws Exception {
    Path file = folder.resolve("federation.yaml");
    SampleFederation.layOut(file, 8080);

    SampleFederation.layOut(file, 808);

    assertThat(file).hasContent(SampleFederation.document(808));
  }
}
