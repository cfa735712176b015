package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.base.outcome.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail.Finding;
import dev.tokenbroker.base.outcome.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.Unchecked;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads how exchanges ended. None ends by an exception. */
final class Endings {

  private Endings() {}

  /** The ending of an exchange that has ended. */
  static <T> T now(CompletionStage<T> exchange) {
    assertThat(exchange.toCompletableFuture()).isCompleted();
    return exchange.toCompletableFuture().resultNow();
  }

  /** The ending of an exchange that may take its time. */
  static <T> T of(CompletionStage<T> exchange) {
    return Unchecked.get(() -> exchange.toCompletableFuture().get(1, TimeUnit.MINUTES));
  }

  /** The endings of exchanges that may take their time, in that order. */
  static <T> List<T> all(List<CompletionStage<T>> exchanges) {
    List<T> endings = new ArrayList<>();
    exchanges.forEach(exchange -> endings.add(of(exchange)));
    return endings;
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

  /** The steps that passed, in order. */
  static List<Step> passed(Verdict verdict) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == Result.PASSED)
        .map(Finding::step)
        .toList();
  }
}
