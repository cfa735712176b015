package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.http.operator.LineOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiveReaderTest {

  private final LiveLines lines = new LiveLines();
  private final LiveReader reader = new LiveReader(lines, () -> {});

  private List<String> news() throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    reader.writeNews(new LineOutput(written));
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void add(int number) {
    lines.add(LiveLine.of(Map.of("line", number)));
  }

  @Test
  void gets_each_line_once_and_in_order() throws Exception {
    add(1);
    add(2);
    assertThat(news()).containsExactly("{\"line\":1}", "{\"line\":2}");

    add(3);
    assertThat(news()).containsExactly("{\"line\":3}");
    assertThat(news()).isEmpty();
  }

  @Test
  void begins_with_what_comes_after_it() throws Exception {
    add(1);
    lines.state(LiveLine.of(Map.of("state", 1)));

    ByteArrayOutputStream written = new ByteArrayOutputStream();
    new LiveReader(lines, () -> {}).writeNews(new LineOutput(written));

    assertThat(written.size()).isZero();
  }

  @Test
  void skips_what_it_was_too_slow_for_and_is_told_once_how_much() throws Exception {
    for (int number = 0; number < LiveLines.MAX_LINES + 99; number++) {
      add(number);
    }
    lines.add(LiveLine.counting(Map.of("second", 1)));
    lines.add(LiveLine.counting(Map.of("second", 2)));

    assertThat(news())
        .hasSize(LiveLines.MAX_LINES)
        .startsWith("{\"line\":101}")
        .endsWith("{\"second\":1,\"missed\":101}", "{\"second\":2,\"missed\":0}");
  }

  @Test
  void gets_only_the_last_of_several_states() throws Exception {
    lines.state(LiveLine.of(Map.of("state", 1)));
    lines.state(LiveLine.of(Map.of("state", 2)));

    assertThat(news()).containsExactly("{\"state\":2}");
    assertThat(news()).isEmpty();
  }
}
