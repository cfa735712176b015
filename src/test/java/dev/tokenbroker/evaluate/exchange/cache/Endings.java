package dev.tokenbroker.evaluate.exchange.cache;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.Unchecked;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads how exchanges ended. None ends by an exception. */
public final class Endings {

  private Endings() {}

  /** The ending of an exchange that has ended. */
  public static <T> T now(CompletionStage<T> exchange) {
    assertThat(exchange.toCompletableFuture()).isCompleted();
    return exchange.toCompletableFuture().resultNow();
  }

  /** The ending of an exchange that may take its time. */
  public static <T> T of(CompletionStage<T> exchange) {
    return Unchecked.get(() -> exchange.toCompletableFuture().get(1, TimeUnit.MINUTES));
  }

  /** The endings of exchanges that may take their time, in that order. */
  public static <T> List<T> all(List<CompletionStage<T>> exchanges) {
    List<T> endings = new ArrayList<>();
    exchanges.forEach(exchange -> endings.add(of(exchange)));
    return endings;
  }

  /** The token of one that was accepted. */
  public static IssuedToken token(Exchanged ended) {
    assertThat(ended.verdict().reason()).isNull();
    return accepted(ended.outcome());
  }

  /** The step that failed; null where none did. */
  public static @Nullable Step failed(Verdict verdict) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == Result.FAILED)
        .map(Finding::step)
        .findFirst()
        .orElse(null);
  }

  /** The steps that passed, in order. */
  public static List<Step> passed(Verdict verdict) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == Result.PASSED)
        .map(Finding::step)
        .toList();
  }
}
