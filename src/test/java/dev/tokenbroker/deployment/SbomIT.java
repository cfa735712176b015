package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Artifact;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The SBOM that the build writes says what the build has packed. */
@Tag("packaged")
class SbomIT {

  private static final Path SBOM = Path.of("target/sbom.json");

  /** Native executables have no jars to look at. */
  @Test
  @Tag("jar")
  void describes_each_library_of_the_application() throws Exception {
    assertThat(Sbom.parse(Files.readString(SBOM)).differences(Artifact.built().jars())).isEmpty();
  }

  @Test
  void names_licences_that_are_allowed_and_no_other() throws Exception {
    Sbom sbom = Sbom.parse(Files.readString(SBOM));

    assertThat(sbom.refused(Sbom.licences(Path.of(".ci/licences")))).isEmpty();
  }

  @Test
  void is_the_same_for_the_same_sources() throws Exception {
    assertThat(Files.readString(SBOM))
        .contains("\"cdx:reproducible\"")
        .doesNotContain("\"timestamp\"");
  }
}
