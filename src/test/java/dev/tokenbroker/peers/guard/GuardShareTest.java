package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.store.Roster.Rank;
import java.time.Duration;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of all replicas against the limits of one, as upstream-bound.md states them. */
class GuardShareTest {

  private static final List<GuardValues> SETTINGS =
      List.of(
          GuardValues.defaults(),
          GuardValues.defaults().withBudget(0, 0.1),
          GuardValues.defaults().withBudget(1000, 0).withCircuit(1000, Duration.ofMillis(100)),
          GuardValues.defaults().withPlaces(1, Duration.ZERO).withCircuit(1, Duration.ofHours(1)));

  @Test
  void a_replica_that_is_alone_has_all() {
    GuardShare share = new GuardShare(GuardValues.defaults(), () -> Rank.ALONE);

    assertThat(share.retryBurst()).isEqualTo(5);
    assertThat(share.unproven()).isEqualTo(37);
    assertThat(share.circuitFailures()).isEqualTo(5);
    assertThat(share.probeInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(share.firstProbe()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void the_last_of_three_has_a_third_and_the_third_turn() {
    GuardShare share = new GuardShare(GuardValues.defaults(), () -> new Rank(2, 3));

    assertThat(share.retryBurst()).isEqualTo(1);
    assertThat(share.unproven()).isEqualTo(12);
    assertThat(share.circuitFailures()).isEqualTo(5);
    assertThat(share.probeInterval()).isEqualTo(Duration.ofSeconds(6));
    assertThat(share.firstProbe()).isEqualTo(Duration.ofSeconds(6));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 18, 19, 37, 100, 999})
  void the_parts_add_up_to_the_limit_of_one_or_the_least_of_each(int replicas) {
    for (GuardValues settings : SETTINGS) {
      int outage = settings.circuitFailures() + settings.concurrency();

      assertThat(sum(settings, replicas, GuardShare::retryBurst))
          .isLessThanOrEqualTo(
              settings.retryBurst() == 0 ? 0 : Math.max(settings.retryBurst(), replicas));
      assertThat(sum(settings, replicas, GuardShare::unproven))
          .isLessThanOrEqualTo(Math.max(outage, 2 * replicas));
    }
  }

  /** A call that waits for a success must wait for an attempt that is under way. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 18, 19, 37, 100, 999})
  void a_circuit_opens_before_no_attempt_is_left(int replicas) {
    for (GuardValues settings : SETTINGS) {
      GuardShare share = new GuardShare(settings, () -> new Rank(0, replicas));

      assertThat(share.circuitFailures()).isBetween(1, share.unproven());
    }
  }

  /** Replicas whose circuits open at one moment, or at any others, in a window of any length. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 18})
  void the_probes_of_all_replicas_are_those_of_one(int replicas) {
    long interval = GuardValues.defaults().probeInterval().toMillis();
    for (long window = 0; window < 5L * replicas * interval; window += 250) {
      long millis = window;
      int probes =
          sum(
              GuardValues.defaults(),
              replicas,
              share -> {
                long left = millis - share.firstProbe().toMillis();
                return left < 0 ? 0 : 1 + (int) (left / share.probeInterval().toMillis());
              });

      assertThat(probes).isEqualTo((int) (window / interval));
    }
  }

  private static int sum(GuardValues settings, int replicas, ToIntFunction<GuardShare> part) {
    return IntStream.range(0, replicas)
        .mapToObj(at -> new GuardShare(settings, () -> new Rank(at, replicas)))
        .mapToInt(part)
        .sum();
  }
}
