package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Artifact;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader of JUnit XML from npm takes what {@code token-broker test --junit} writes. */
@Tag("interop")
class Junit2JsonIT {

  private static final String CASES = "src/test/resources/cases/failing";

  @TempDir Path directory;

  @Test
  void reads_each_pair_and_each_failure() throws Exception {
    Path xml = directory.resolve("cases.xml");
    List<String> command = new ArrayList<>(Artifact.built().command(List.of()));
    command.addAll(List.of("test", "--junit", xml.toString(), CASES));
    Process test =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("test.out").toFile())
            .start();
    assertThat(test.waitFor()).isEqualTo(1);

    try (InteropProgram reader = InteropProgram.node("junit.mjs")) {
      Answer read = reader.ask("read", Map.of("file", xml.toString()));

      assertThat(read.text("read", "name")).isEqualTo("token-broker");
      assertThat(read.text("read", "tests")).isEqualTo("27");
      assertThat(read.text("read", "failures")).isEqualTo("18");
      assertThat(read.text("read", "testsuite", 0, "name"))
          .isEqualTo(CASES + "/each-kind.cases.yaml");
      assertThat(read.text("read", "testsuite", 0, "testcase", 0, "name"))
          .isEqualTo("passes: main → payments-api");
      assertThat(read.text("read", "testsuite", 0, "testcase", 1, "failure", 0, "message"))
          .isEqualTo("outcome: expected accepted by deploy-payments, got refused: NO_RULE_MATCHED");
      assertThat(read.text("read", "testsuite", 0, "testcase", 26, "classname"))
          .isEqualTo(CASES + "/each-kind.cases.yaml");
      assertThat(read.text("read", "testsuite", 0, "testcase", 27)).isEmpty();
    }
  }
}
