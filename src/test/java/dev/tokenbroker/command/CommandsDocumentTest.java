package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code commands.md} and the README show is what the commands say. */
class CommandsDocumentTest {

  private static final String CALL = "$ token-broker ";
  private static final Path README = Path.of("README.md");
  private static final String CODE = "exit code ";

  @TempDir static Path directory;

  /**
   * One example of the document.
   *
   * @param args what stands after the name of the executable
   */
  record Example(String args, List<String> shown) {}

  @ParameterizedTest
  @CsvSource({"src/docs/use/commands.md, 11", "README.md, 1"})
  void every_example_comes_out_as_it_is_shown(Path document, int count) throws IOException {
    Samples.in(directory);
    List<Example> examples = examples(document);
    Path folder = document.equals(README) ? Path.of("src/docs/use/examples") : directory;

    assertThat(examples).hasSize(count);
    for (Example example : examples) {
      String[] args =
          Stream.of(example.args().split(" "))
              .map(arg -> arg.matches("[\\w.]+\\.(yaml|jwt)|teams") ? folder + "/" + arg : arg)
              .toArray(String[]::new);
      Ran ran = new Shell().onTerminal().with("NO_COLOR", "1").run(args);
      List<String> said = new ArrayList<>(ran.all().replace(folder + "/", "").lines().toList());
      said.add(CODE + ran.code());

      assertThat(said.stream().map(CommandsDocumentTest::timeless))
          .as(example.args())
          .isEqualTo(example.shown().stream().map(CommandsDocumentTest::timeless).toList());
    }
  }

  /**
   * Without what differs from run to run: times, names of verdicts, and digests of keys made anew.
   */
  private static String timeless(String line) {
    return line.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "TIME")
        .replaceAll("\\b[0-9a-f]{32}\\b", "ID")
        .replaceAll("\\b[0-9a-f]{12}\\b", "REVISION")
        .replaceAll("\\d+\\.\\d+ s ago", "AGO");
  }

  private static List<Example> examples(Path document) throws IOException {
    List<Example> examples = new ArrayList<>();
    for (String block : Splitter.on("```").split(Files.readString(document))) {
      if (block.startsWith("console\n" + CALL)) {
        Arrays.stream(block.substring("console\n".length()).split("(?m)^\\" + CALL.strip() + " "))
            .filter(text -> text.contains("\n" + CODE))
            .map(text -> text.lines().toList())
            .forEach(
                lines ->
                    examples.add(new Example(lines.getFirst(), lines.subList(1, lines.size()))));
      }
    }
    return examples;
  }
}
