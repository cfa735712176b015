package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worked example of the page about octo-sts: the policy, its rule, and the cases. */
class OctoStsPageTest {

  private static final Path PAGE = Path.of("src/docs/use/targets/from-octo-sts.md");
  private static final Pattern MATCHED =
      Pattern.compile("(?m)^ *(?:subject_pattern|job_workflow_ref): (.*)$");
  private static final Pattern PERMISSION = Pattern.compile("(?m)^  (\\w+): (read|write)$");

  @TempDir Path directory;

  @Test
  void the_rule_has_each_pattern_and_each_permission_of_the_policy() throws IOException {
    String policy = blocks().getFirst();
    String document = blocks().get(1);

    assertThat(MATCHED.matcher(policy).results().map(found -> found.group(1)))
        .hasSize(2)
        .allSatisfy(
            pattern -> assertThat(document).contains(".matches(r\"^(?:" + pattern + ")$\")"));
    assertThat(
            PERMISSION
                .matcher(policy)
                .results()
                .map(found -> found.group(1) + ":" + found.group(2))
                .toList())
        .hasSize(2)
        .satisfies(
            scopes -> assertThat(document).contains("scopes: [" + String.join(", ", scopes) + "]"));
  }

  @Test
  void the_cases_hold_and_cover_the_rule() throws IOException {
    Path document =
        Files.writeString(
            directory.resolve("federation.yaml"), blocks().get(1) + "\n" + TargetPagesTest.ISSUER);
    TargetPagesTest.writeAppKey(directory);
    Path cases = Files.writeString(directory.resolve("octo.cases.yaml"), blocks().get(2));

    Ran ran =
        new Shell()
            .run(
                "test",
                "--require-coverage",
                "--fail-on",
                "warning",
                "--federation",
                document.toString(),
                cases.toString());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).as(ran.out()).isZero();
  }

  private static List<String> blocks() throws IOException {
    return Splitter.on("\n```")
        .splitToStream(Files.readString(PAGE))
        .filter(block -> block.startsWith("yaml\n"))
        .map(block -> block.substring("yaml\n".length()))
        .toList();
  }
}
