package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.judge.credential.OnceIdentity;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UpstreamTurnsTest {

  private static final VerifiedIdentity ONE = identity("one");
  private static final VerifiedIdentity OTHER = identity("other");

  private final TestClock clock = new TestClock();
  private final UpstreamTurns turns =
      new UpstreamTurns(
          TestAdmissionSettings.defaults().withPerIssuerRate(1).withPerIssuerBurst(12),
          new TestClocks(clock, clock::nanoTime));

  @Test
  void are_a_burst_and_then_one_a_second_for_an_identity_at_a_target() {
    assertThat(granted(ONE, "target", "sso", 12)).isEqualTo(10);
    assertThat(granted(ONE, "other target", "another upstream", 12)).isEqualTo(10);
    clock.advance(Duration.ofSeconds(1));
    assertThat(granted(ONE, "target", "sso", 2)).isEqualTo(1);
  }

  @Test
  void have_a_share_for_all_identities_of_an_issuer() {
    assertThat(granted(ONE, "target", "sso", 12)).isEqualTo(10);
    assertThat(granted(OTHER, "target", "sso", 12)).isEqualTo(2);
    clock.advance(Duration.ofSeconds(8));
    assertThat(granted(OTHER, "target", "sso", 12))
        .as("what the issuer's share refused took nothing from the identity")
        .isEqualTo(8);
  }

  @Test
  void come_within_the_deadline_or_say_when() {
    granted(ONE, "target", "sso", 10);
    long begun = System.nanoTime();
    assertThat(turns.await(ONE, "target", "sso", Deadline.after(Duration.ofSeconds(30)))).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(900));

    Refusal refusal = take(ONE, "target", "sso").orElseThrow();
    assertThat(refusal.reason()).isEqualTo(RefusalReason.IDENTITY_RATE_LIMITED);
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(2));
  }

  private long granted(VerifiedIdentity identity, String target, String upstream, int calls) {
    return IntStream.range(0, calls)
        .filter(_ -> take(identity, target, upstream).isEmpty())
        .count();
  }

  private Optional<Refusal> take(VerifiedIdentity identity, String target, String upstream) {
    return turns.await(identity, target, upstream, Deadline.after(Duration.ofMillis(100)));
  }

  private static VerifiedIdentity identity(String subject) {
    return VerifiedIdentities.of(
        OnceIdentity.of("id", Instant.EPOCH).issuer(), Map.of("sub", subject));
  }
}
