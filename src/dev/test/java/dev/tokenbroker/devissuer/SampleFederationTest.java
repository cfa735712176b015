package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class SampleFederationTest {

  private static final int CI_PORT = 9444;

  @TempDir Path folder;

  @Test
  void trusts_the_development_issuers_on_their_ports() {
    Map<String, List<Map<String, Object>>> document =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(SampleFederation.document(9090, CI_PORT));

    assertThat(document).containsOnlyKeys("issuers", "upstreams", "targets", "rules");
    assertThat(entries(document, "issuers"))
        .extracting(issuer -> issuer.get("issuer"))
        .containsExactly(DevIssuer.issuer(9090), CiIssuer.issuer(CI_PORT));
    assertThat(entries(document, "issuers"))
        .extracting(issuer -> issuer.get("audiences"))
        .containsOnly(List.of(DevCredential.AUDIENCE));
    assertThat(entries(document, "targets"))
        .extracting(target -> target.get("audience"))
        .containsExactly(Demonstration.TARGET, Traffic.EXCHANGED);
  }

  @Test
  void exchanges_at_the_upstream_beside_the_issuer_of_the_traffic() {
    Map<String, List<Map<String, Object>>> document =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(SampleFederation.document(9090, CI_PORT));

    assertThat(entries(document, "upstreams"))
        .singleElement()
        .satisfies(
            upstream ->
                assertThat(upstream)
                    .containsEntry("tokenEndpoint", CiIssuer.issuer(CI_PORT) + CiIssuer.TOKEN_PATH)
                    .containsEntry("clientId", CorpSso.CLIENT_ID)
                    .containsEntry("clientSecretFile", SampleFederation.SECRET_FILE)
                    .containsEntry("tls", DevTrust.NAME));
  }

  private static List<Map<String, Object>> entries(
      Map<String, List<Map<String, Object>>> document, String section) {
    return Objects.requireNonNull(document.get(section));
  }

  @Test
  void is_laid_out_where_there_is_none_and_leaves_nothing_beside_it() throws Exception {
    Path file = folder.resolve("target").resolve("federation.yaml");

    SampleFederation.layOut(file, 8080, CI_PORT);

    assertThat(file).hasContent(SampleFederation.document(8080, CI_PORT));
    assertThat(file.resolveSibling(SampleFederation.SECRET_FILE)).hasContent(CorpSso.CLIENT_SECRET);
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void is_left_alone_once_somebody_has_changed_it() throws Exception {
    Path file = folder.resolve("federation.yaml");
    SampleFederation.layOut(file, 8080, CI_PORT);
    String changed = Files.readString(file) + "# mine\n";
    Files.writeString(file, changed);

    SampleFederation.layOut(file, 8080, CI_PORT);

    assertThat(file).hasContent(changed);
  }

  @Test
  void is_written_anew_for_another_port() throws Exception {
    Path file = folder.resolve("federation.yaml");
    SampleFederation.layOut(file, 8080, CI_PORT);

    SampleFederation.layOut(file, 808, CI_PORT);

    assertThat(file).hasContent(SampleFederation.document(808, CI_PORT));
  }
}
