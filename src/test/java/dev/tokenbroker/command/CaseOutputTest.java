package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The exact output of {@code test} for each kind of case that fails: a contract with scripts. */
class CaseOutputTest {

  private static final String CASES = "src/test/resources/cases/failing";
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @Test
  void a_person_sees_each_difference_and_the_step_that_made_it() throws IOException {
    assertThat(new Shell().run("test", CASES))
        .isEqualTo(new Ran(1, golden("cases.txt"), golden("cases-warnings.txt")));
  }

  @Test
  void a_script_gets_the_same_and_more_as_json() throws IOException {
    assertThat(new Shell().run("test", "--json", CASES))
        .isEqualTo(new Ran(1, golden("cases.json"), golden("cases-warnings.txt")));
  }

  @Test
  void a_terminal_gets_it_in_colour() {
    assertThat(new Shell().onTerminal().run("test", CASES).out())
        .contains(
            "├─ \u001B[32m✓\u001B[0m passes: main → payments-api\n",
            "├─ \u001B[31m✗ rule: branch → payments-api\u001B[0m\n",
            "\u001B[31m18 of 27 pairs not as expected\u001B[0m\n");
  }

  private static String golden(String name) throws IOException {
    return Files.readString(GOLDEN.resolve(name));
  }
}
