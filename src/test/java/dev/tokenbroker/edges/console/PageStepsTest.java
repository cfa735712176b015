package dev.tokenbroker.edges.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Step;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PageStepsTest {

  @Test
  void the_page_shows_every_step_in_the_order_of_the_evaluation() {
    String steps = Step.all().stream().map(Step::label).collect(Collectors.joining(" "));

    PageFile model = Objects.requireNonNull(PageFile.all().get("model.js"));
    assertThat(new String(model.bytes(), UTF_8)).contains("'" + steps + "'");
  }
}
