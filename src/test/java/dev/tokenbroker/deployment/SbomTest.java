package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that the SBOM does not describe as it is, and a licence of no list, are noticed. */
class SbomTest {

  /** The SHA-256 of "one" and of "two". */
  private static final String SBOM =
      """
      {"components": [
        {"group": "org.example", "name": "one", "version": "1.0",
         "hashes": [{"alg": "MD5", "content": "00"}, {"alg": "SHA-256", "content":
           "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"}],
         "licenses": [{"license": {"id": "Apache-2.0"}}]},
        {"group": "org.example", "name": "two", "version": "2.0",
         "hashes": [{"alg": "SHA-256", "content":
           "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"}],
         "licenses": [{"license": {"name": "Some Licence"}}, {"expression": "MIT OR X"}]}
      ]}
      """;

  @TempDir Path application;

  @BeforeEach
  void lay_out_an_application_as_its_sbom_says() throws IOException {
    put("lib/main/org.example.one-1.0.jar", "one");
    put("lib/boot/org.example.two-2.0.jar", "two");
    put("app/token-broker-0.1.0.jar", "ours");
    put("quarkus-run.jar", "ours");
  }

  @Test
  void finds_no_difference_where_there_is_none() throws Exception {
    assertThat(differences()).isEmpty();
  }

  @Test
  void notices_a_jar_that_is_added() throws Exception {
    put("lib/main/org.example.three-3.0.jar", "three");
    put("app/other.jar", "other");

    assertThat(differences())
        .containsExactlyInAnyOrder(
            "not in the SBOM: org.example.three-3.0.jar", "not in the SBOM: app/other.jar");
  }

  @Test
  void notices_a_jar_that_is_left_out() throws Exception {
    Files.delete(application.resolve("lib/boot/org.example.two-2.0.jar"));

    assertThat(differences()).containsExactly("not in the application: org.example.two-2.0.jar");
  }

  @Test
  void notices_a_jar_with_other_content() throws Exception {
    put("lib/main/org.example.one-1.0.jar", "changed");

    assertThat(differences())
        .containsExactly("other content than in the SBOM: org.example.one-1.0.jar");
  }

  @Test
  void allows_a_library_by_one_licence_and_refuses_all_others() throws Exception {
    Sbom sbom = Sbom.parse(SBOM);

    assertThat(sbom.refused(Set.of("Apache-2.0", "Some Licence"))).isEmpty();
    assertThat(sbom.refused(Set.of("Apache-2.0", "MIT")))
        .containsExactly("licence not allowed: org.example.two-2.0.jar [Some Licence, MIT OR X]");
  }

  @Test
  void refuses_a_library_without_a_licence() throws Exception {
    String without = SBOM.replace("{\"license\": {\"id\": \"Apache-2.0\"}}", "");

    assertThat(Sbom.parse(without).refused(Set.of("Apache-2.0", "Some Licence")))
        .containsExactly("licence not allowed: org.example.one-1.0.jar []");
  }

  @Test
  void refuses_an_sbom_without_components() {
    assertThatThrownBy(() -> Sbom.parse("{\"components\": []}")).isInstanceOf(ParseException.class);
  }

  private Iterable<String> differences() throws IOException, ParseException {
    return Sbom.parse(SBOM).differences(application);
  }

  private void put(String path, String content) throws IOException {
    Path file = application.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
