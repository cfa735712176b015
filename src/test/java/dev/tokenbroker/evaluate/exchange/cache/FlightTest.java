package dev.tokenbroker.evaluate.exchange.cache;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens.CacheEntry;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlightTest {

  private static final Deadline PASSED = Deadline.after(Duration.ofMillis(-1));

  private final TestFlights flights = new TestFlights(new TestClock());
  private final Flight flight = flights.flight("key");
  private final EvaluationResult<IssuedToken> result =
      flights.granted(flights.token(Duration.ofMinutes(10)));

  @Test
  void gives_the_same_result_to_all_who_wait_for_it() {
    CompletionStage<EvaluationResult<IssuedToken>> one =
        flight.within(enough(), TestFlights.ALARMS);
    CompletionStage<EvaluationResult<IssuedToken>> other =
        flight.within(enough(), TestFlights.ALARMS);
    assertThat(one.toCompletableFuture()).isNotCompleted();

    land();

    assertThat(Endings.now(one)).isSameAs(result);
    assertThat(Endings.now(other)).isSameAs(result);
  }

  @Test
  void gives_its_result_at_once_to_a_caller_that_arrives_later() {
    land();
    assertThat(Endings.now(flight.within(PASSED, TestFlights.ALARMS))).isSameAs(result);
  }

  @Test
  void refuses_a_caller_past_its_deadline_and_continues_for_others() {
    CompletionStage<EvaluationResult<IssuedToken>> patient =
        flight.within(enough(), TestFlights.ALARMS);

    EvaluationResult<IssuedToken> late =
        Endings.of(flight.within(Deadline.after(Duration.ofMillis(1)), TestFlights.ALARMS));

    assertThat(Outcomes.reason(late.outcome())).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(late.trail().failed()).isEqualTo(Step.ADMISSION);
    assertThat(late.identity()).isNull();
    assertThat(flight.context().trail().failed()).isNull();
    assertThat(flight).isNotCompleted();
    land();
    assertThat(Endings.now(patient)).isSameAs(result);
  }

  @Test
  void refuses_a_caller_whose_deadline_has_passed_already() {
    assertThat(Outcomes.reason(Endings.of(flight.within(PASSED, TestFlights.ALARMS)).outcome()))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
  }

  @ParameterizedTest
  @CsvSource({
    "KEY, KEYS_UNREACHABLE",
    "UPSTREAM, UPSTREAM_TIMED_OUT",
    "SIGNATURE, BROKER_OVERLOADED",
    "ADMISSION, BROKER_OVERLOADED"
  })
  void tells_a_caller_without_a_deadline_what_took_too_long(Step step, RefusalReason reason) {
    if (step != Step.ADMISSION) {
      flight.context().trail().passed(Step.ADMISSION, "", "");
      flight.context().trail().begin(step);
    }

    EvaluationResult<IssuedToken> late =
        Endings.of(flight.within(Deadline.limit(Duration.ofMillis(1)), TestFlights.ALARMS));

    assertThat(Outcomes.reason(late.outcome())).isEqualTo(reason);
    assertThat(late.trail().failed()).isEqualTo(step);
    assertThat(Outcomes.refused(late.outcome()).seen()).contains(step.label());
  }

  @Test
  void names_the_document_that_the_evaluation_waits_for() {
    flight.context().trail().passed(Step.ADMISSION, "", "");
    flight.context().trail().begin(Step.KEY);
    flight.context().trail().awaits(() -> "the key set at https://issuer.example/jwks, for 9 ms");

    EvaluationResult<IssuedToken> late =
        Endings.of(flight.within(Deadline.limit(Duration.ofMillis(1)), TestFlights.ALARMS));

    assertThat(Outcomes.refused(late.outcome()).seen())
        .isEqualTo(
            "step key still under way: the key set at https://issuer.example/jwks, for 9 ms");
  }

  /** Until then it may be worth evaluating. */
  @Test
  void is_waited_for_until_the_latest_deadline_of_all_who_wait() {
    Deadline soon = Deadline.after(Duration.ofMinutes(1));
    Deadline later = Deadline.after(Duration.ofMinutes(2));
    Flight waited = flights.flight("key", soon);
    assertThat(waited.latestDeadline()).isSameAs(soon);

    waited.within(later, TestFlights.ALARMS);
    assertThat(waited.latestDeadline()).isSameAs(later);
    waited.within(Deadline.after(Duration.ofSeconds(30)), TestFlights.ALARMS);
    assertThat(waited.latestDeadline()).isSameAs(later);
    assertThat(waited.limit()).isNotSameAs(later);
  }

  private void land() {
    assertThat(flight.complete(new CacheEntry(result, null))).isTrue();
  }
}
