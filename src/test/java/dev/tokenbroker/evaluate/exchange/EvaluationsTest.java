package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.cache.TestFlights;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each evaluation is recorded once, and answered after that. */
class EvaluationsTest {

  private static final String SECRET = "a-piece-of-the-credential";

  private final TestClock clock = new TestClock();
  private final TestFlights flights = new TestFlights(clock);
  private final EvaluationResult<IssuedToken> granted =
      flights.granted(flights.token(Duration.ofMinutes(10)));
  private final List<ExchangeRecord> told = new ArrayList<>();

  /** Keeps records when the test says so. */
  private final class Keeper implements ExchangeObserver {

    private final List<ExchangeRecord> given = new ArrayList<>();
    private final CompletableFuture<Void> kept = new CompletableFuture<>();

    @Override
    public CompletionStage<Void> keep(ExchangeRecord record) {
      given.add(record);
      return kept;
    }

    @Override
    public void ended(ExchangeRecord record) {
      told.add(record);
    }
  }

  @Test
  void are_answered_once_every_observer_has_kept_the_record() {
    Keeper one = new Keeper();
    Keeper other = new Keeper();
    CompletionStage<Exchanged> answer = close(List.of(one, told::add, other), granted);
    assertThat(one.given).hasSize(1).isEqualTo(other.given);

    one.kept.complete(null);
    assertThat(answer.toCompletableFuture()).isNotCompleted();
    assertThat(told).isEmpty();
    other.kept.complete(null);

    Exchanged ended = Endings.now(answer);
    assertThat(token(ended)).isNotNull();
    assertThat(one.given).extracting(ExchangeRecord::verdict).containsExactly(ended.verdict());
    assertThat(told).hasSize(3).containsOnly(one.given.getFirst());
  }

  @Test
  void wait_for_nobody_who_has_nothing_to_keep() {
    assertThat(token(Endings.now(close(List.of(told::add), granted)))).isNotNull();
    assertThat(told).hasSize(1);
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new IllegalStateException(SECRET),
        new CompletionException(new IllegalStateException(SECRET)),
        new NoClassDefFoundError(SECRET));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void are_refused_where_one_observer_cannot_keep_the_record(Throwable failure) {
    Keeper failing = new Keeper();
    failing.kept.completeExceptionally(failure);
    try (CapturedLog log = new CapturedLog()) {
      Exchanged ended = Endings.now(close(List.of(told::add, failing, told::add), granted));

      assertThat(Outcomes.reason(ended.outcome())).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(told)
          .hasSize(3)
          .allMatch(record -> record.token() == null)
          .extracting(ExchangeRecord::verdict)
          .containsOnly(ended.verdict());
      assertThat(log.taken())
          .singleElement()
          .extracting(CapturedLog.Entry::text)
          .asString()
          .contains(ended.verdict().id())
          .doesNotContain(SECRET);
    }
  }

  /** It was written where it ought to be, and the others were told of it. */
  @Test
  void have_others_keep_their_records_though_one_cannot() {
    Keeper other = new Keeper();
    other.kept.complete(null);
    ExchangeObserver broken =
        new Keeping(
            () ->
                Unchecked.raise(
                    new UncheckedIOException(new IOException("No space left on device"))));
    try (CapturedLog log = new CapturedLog()) {
      Exchanged ended = Endings.now(close(List.of(broken, other), granted));

      assertThat(Outcomes.reason(ended.outcome())).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(other.given).hasSize(1);
      assertThat(log.taken()).isEmpty(); // an observer logs trouble with its output itself
    }
  }

  @Test
  void are_refused_for_load_where_too_many_records_wait() {
    try (CapturedLog log = new CapturedLog()) {
      ExchangeObserver full =
          new Keeping(
              () -> CompletableFuture.failedStage(new RejectedExecutionException("16384 wait")));
      Exchanged ended = Endings.now(close(List.of(full), granted));

      assertThat(Outcomes.reason(ended.outcome())).isEqualTo(RefusalReason.BROKER_OVERLOADED);
      assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
      assertThat(log.taken()).isEmpty();
    }
  }

  /** Such as its trace. */
  @Test
  void are_announced_in_the_context_of_their_caller_if_known() {
    Keeper keeper = new Keeper();
    List<@Nullable String> contexts = new ArrayList<>();
    String[] current = {"that of the writer"};
    Evaluation run =
        evaluations(List.of(keeper, _ -> contexts.add(current[0])))
            .open(
                request(),
                Intent.EXCHANGE,
                task -> {
                  current[0] = "that of the caller";
                  task.run();
                  current[0] = "that of the writer";
                });
    CompletionStage<Exchanged> answer =
        evaluations(List.of(keeper, _ -> contexts.add(current[0])))
            .close(run, CompletableFuture.completedStage(granted));
    assertThat(contexts).isEmpty();

    keeper.kept.complete(null);

    assertThat(contexts).containsExactly("that of the caller");
    assertThat(token(Endings.now(answer))).isNotNull();
  }

  static Stream<CompletionStage<EvaluationResult<IssuedToken>>> bugs() {
    return Stream.of(
        CompletableFuture.failedStage(new IllegalStateException(SECRET)),
        CompletableFuture.failedStage(new CompletionException(new IllegalStateException(SECRET))),
        CompletableFuture.failedStage(new StackOverflowError(SECRET)));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void end_as_an_internal_error_where_the_judging_fails(
      CompletionStage<EvaluationResult<IssuedToken>> bug) {
    try (CapturedLog log = new CapturedLog()) {
      Evaluations evaluations = evaluations(List.of(told::add));
      Exchanged ended = Endings.now(evaluations.close(run(evaluations), bug));

      assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(told).extracting(ExchangeRecord::verdict).containsExactly(ended.verdict());
      assertThat(log.taken())
          .singleElement()
          .extracting(CapturedLog.Entry::text)
          .asString()
          .contains(ended.verdict().id())
          .doesNotContain(SECRET);
    }
  }

  @Test
  void that_refresh_a_token_are_nobodys_in_particular() {
    Evaluations evaluations = evaluations(List.of());
    Evaluation asker =
        evaluations.open(
            request(),
            Intent.EXCHANGE,
            _ -> Unchecked.raise(new AssertionError("the caller has nothing to do with it")));

    Evaluation refresh = evaluations.openRefresh(asker);

    assertThat(refresh.request()).isSameAs(asker.request());
    assertThat(refresh.id()).isNotEqualTo(asker.id());
    Exchanged ended =
        Endings.now(evaluations.close(refresh, CompletableFuture.completedStage(granted)));
    assertThat(ended.verdict().intent()).isEqualTo(Intent.REFRESH);
  }

  @Test
  void that_explain_are_recorded_before_they_return() {
    Keeper keeper = new Keeper();
    keeper.kept.complete(null);
    Evaluations evaluations = evaluations(List.of(keeper));
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", "");
    Grant grant = Grants.of("payments-api", "somebody");

    Verdict verdict =
        evaluations
            .explained(
                evaluations.open(request(), Intent.EXPLAIN, Runnable::run),
                new EvaluationResult<>(Outcome.accepted(grant), trail, granted.identity(), grant))
            .verdict();

    assertThat(verdict.accepted()).isTrue();
    assertThat(keeper.given).extracting(ExchangeRecord::verdict).containsExactly(verdict);
    assertThat(keeper.given).extracting(ExchangeRecord::token).containsOnlyNulls();
    assertThat(told).isEqualTo(keeper.given);
  }

  private CompletionStage<Exchanged> close(
      List<ExchangeObserver> observers, EvaluationResult<IssuedToken> result) {
    Evaluations evaluations = evaluations(observers);
    return evaluations.close(run(evaluations), CompletableFuture.completedStage(result));
  }

  private Evaluations evaluations(List<ExchangeObserver> observers) {
    return new Evaluations(Optional::empty, observers, clock);
  }

  private static Evaluation run(Evaluations evaluations) {
    return evaluations.open(request(), Intent.EXCHANGE, Runnable::run);
  }

  private static ExchangeRequest request() {
    return TestExchange.request("payments-api", "credential");
  }
}
