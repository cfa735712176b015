package dev.tokenbroker.exchange;

import static dev.tokenbroker.outcome.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import dev.tokenbroker.token.IssuedToken;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads how exchanges ended. */
final class Endings {

  private Endings() {}

  /** The next one, which is waited for. */
  static Exchanged next(BlockingQueue<Exchanged> endings) throws InterruptedException {
    return Objects.requireNonNull(endings.poll(1, TimeUnit.MINUTES));
  }

  /** The token of one that was accepted. */
  static IssuedToken token(Exchanged ended) {
    assertThat(ended.verdict().reason()).isNull();
    return accepted(ended.outcome());
  }

  /** The step that failed; null where none did. */
  static @Nullable Step failed(Verdict verdict) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == Result.FAILED)
        .map(Finding::step)
        .findFirst()
        .orElse(null);
  }
}
