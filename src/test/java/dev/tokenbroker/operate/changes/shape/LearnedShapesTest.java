package dev.tokenbroker.operate.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearnedShapesTest {

  private static final String NAMES = "repo:a/b:";
  private static final String IDS = "repo:a@1/b@2:";
  private static final String BRANCH = "ref:refs/heads/main";

  private final TestClock clock = new TestClock();
  private final LearnedShapes shapes = new LearnedShapes(clock.nanoTime());

  @Test
  void a_new_mask_is_a_change_once_after_50_credentials() {
    see(50, NAMES + BRANCH);

    assertThat(see(IDS + BRANCH)).contains("<name>:<name>:<name>:<name>");
    assertThat(see(IDS + BRANCH)).isEmpty();
    assertThat(see(NAMES + BRANCH)).isEmpty();
  }

  @Test
  void learns_a_new_mask_silently_among_the_first_50_credentials() {
    see(49, NAMES + BRANCH);

    assertThat(see(IDS + BRANCH)).isEmpty();
  }

  @Test
  void ten_minutes_end_the_learning_if_there_were_five_credentials() {
    see(5, NAMES + BRANCH);
    clock.advance(Duration.ofMinutes(10));

    assertThat(see(IDS + BRANCH)).isPresent();
  }

  @Test
  void ten_minutes_do_not_end_the_learning_of_four_credentials() {
    see(4, NAMES + BRANCH);
    clock.advance(Duration.ofDays(1));

    assertThat(see(IDS + BRANCH)).isEmpty();
  }

  @Test
  void another_type_is_a_change_after_five_credentials() {
    see(5, "x");

    assertThat(see(42L)).contains("<name>");
    assertThat(see(List.of("x"))).isPresent();
    assertThat(see("y")).isEmpty();
    assertThat(see(43L)).isEmpty();
  }

  @Test
  void another_type_is_learned_silently_before() {
    see(4, "x");

    assertThat(see(42L)).isEmpty();
  }

  @Test
  void learns_an_optional_claim_silently_in_the_first_credentials() {
    see(20, (Object) null);

    assertThat(see("x")).isEmpty();
    assertThat(see((Object) null)).isEmpty();
  }

  @Test
  void a_claim_that_vanishes_is_a_change() {
    see(50, "x");

    assertThat(see((Object) null)).contains("<name>");
    assertThat(see("x")).isEmpty();
  }

  @Test
  void the_first_refused_one_of_a_new_mask_after_five_is_a_change() {
    see(5, NAMES + BRANCH);

    assertThat(shapes.see(shape(IDS + BRANCH), true, clock.nanoTime())).isPresent();
    assertThat(shapes.see(shape(NAMES + "pull_request"), true, clock.nanoTime())).isEmpty();
  }

  @Test
  void the_nearest_mask_is_named() {
    see(25, "alice@acme.example");
    see(25, NAMES + BRANCH);

    assertThat(see(NAMES + "pull_request")).contains("<name>:<name>:<name>:<name>");
  }

  @Test
  void a_mask_is_nearer_than_another_type() {
    see(25, (Object) null);
    see(25, "acme@1");

    assertThat(see("missing")).contains("<name>@<digits>");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 50})
  void a_claim_of_more_than_16_masks_is_watched_by_type_only(int before) {
    see(before, "x");
    long changes =
        IntStream.rangeClosed(1, 100)
            .mapToObj(at -> see("a:".repeat(at)))
            .flatMap(Optional::stream)
            .count();

    assertThat(changes).isLessThanOrEqualTo(LearnedShapes.MAX);
    assertThat(see("entirely://new")).isEmpty();
    assertThat(see(42L)).contains("text");
  }

  private void see(int times, @Nullable Object value) {
    for (int at = 0; at < times; at++) {
      assertThat(see(value)).isEmpty();
    }
  }

  private Optional<String> see(@Nullable Object value) {
    return shapes.see(shape(value), false, clock.nanoTime()).map(ClaimShape::label);
  }

  private static ClaimShape shape(@Nullable Object value) {
    return ClaimShape.of(value);
  }
}
