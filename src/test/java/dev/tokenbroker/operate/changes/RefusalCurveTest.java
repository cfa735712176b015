package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.RefusalHistory.RefusalCurve;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RefusalCurveTest {

  private final TestClock clock = new TestClock();
  private final RefusalHistory history = new RefusalHistory(clock, () -> Set.of("pay"));

  private void refuse(String issuer) {
    history.count(TestEvidence.of(issuer, RefusalReason.KEY_UNKNOWN));
  }

  @Test
  void adds_up_all_issuers_of_the_last_fifteen_minutes() {
    refuse("gone"); // 15 minutes before the end
    clock.advance(Duration.ofSeconds(5));
    refuse("github");
    clock.advance(Duration.ofMinutes(14).plusSeconds(50));
    refuse("github");
    clock.advance(Duration.ofSeconds(7));
    refuse("github");
    refuse("gitlab");

    RefusalCurve curve = history.curve();

    assertThat(curve.bucket()).isEqualTo(Duration.ofSeconds(5));
    assertThat(curve.elapsed()).isEqualTo(Duration.ofSeconds(2));
    assertThat(curve.counts()).hasSize(180);
    assertThat(curve.counts().getFirst()).isEqualTo(1);
    assertThat(curve.counts().subList(1, 178)).containsOnly(0L);
    assertThat(curve.counts().subList(178, 180)).containsExactly(1L, 2L);
  }

  @Test
  void is_flat_without_refusals() {
    clock.advance(Duration.ofMinutes(20));

    assertThat(history.curve().counts()).hasSize(180).containsOnly(0L);
  }
}
