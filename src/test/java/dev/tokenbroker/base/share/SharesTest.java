package dev.tokenbroker.base.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharesTest {

  private static final int MOST = 100;

  /** A bound of what callers fill: a number of things, by its setting. */
  private static final Pattern BOUND =
      Pattern.compile(
          "`(token-broker\\.(?:admission|cache|credential|dpop|exchange|grpc|recording|revocation|store)"
              + "\\.max-(?!pushback|duration|connection-|skew|silence|age|size)[a-z-]+)`");

  @ParameterizedTest
  @EnumSource
  void refuse_the_holder_of_too_much_alone(Bounded memory) {
    Shares shares = new Shares(memory, MOST);
    Holder greedy = Holder.of("greedy");
    for (int at = 0; at < memory.ofOne(MOST); at++) {
      assertThat(shares.look(greedy)).isEmpty();
      shares.add(greedy);
    }
    assertThat(shares.look(greedy))
        .hasValueSatisfying(why -> assertThat(why.reason()).isEqualTo(memory.reason()));
    assertThat(shares.look(Holder.of("other"))).isEmpty();

    shares.remove(greedy);
    assertThat(shares.look(greedy)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void nest_in_that_of_the_issuer(Bounded memory) {
    Shares shares = new Shares(memory, MOST);
    for (int at = 0; at < memory.ofIssuer(MOST); at++) {
      shares.add(new Holder("one", "subject " + at));
    }
    assertThat(shares.look(new Holder("one", "newcomer"))).isPresent();
    assertThat(shares.look(new Holder("other", "newcomer"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void stand_in_the_threat_model(Bounded memory) throws IOException {
    assertThat(rows())
        .anySatisfy(
            row ->
                assertThat(row)
                    .contains(
                        "| " + memory.label() + " |",
                        "| "
                            + part(memory.ofIssuer(MOST))
                            + " | "
                            + part(memory.ofOne(MOST))
                            + " |",
                        "`" + memory.reason() + "`"));
  }

  @Test
  void each_bound_of_the_settings_has_a_row() throws IOException {
    List<String> bounds =
        Files.readAllLines(Path.of("src/docs/operate/settings.md")).stream()
            .filter(line -> line.startsWith("| `"))
            .flatMap(line -> BOUND.matcher(line).results().map(found -> found.group(1)))
            .distinct()
            .toList();
    assertThat(bounds).hasSizeGreaterThan(10);
    String table = String.join("\n", rows());
    assertThat(bounds).allSatisfy(bound -> assertThat(table).contains("`" + bound + "`"));
  }

  private static String part(int share) {
    return share == MOST ? "–" : "1/" + MOST / share;
  }

  private static List<String> rows() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("src/docs/operate/threat-model.md"))) {
      return lines
          .dropWhile(line -> !line.startsWith("### Bounds and shares"))
          .skip(1)
          .takeWhile(line -> !line.startsWith("#"))
          .filter(line -> line.startsWith("| "))
          .toList();
    }
  }
}
