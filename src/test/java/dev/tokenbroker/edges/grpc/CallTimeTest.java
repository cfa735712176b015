package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTimeTest {

  private static final Duration MAX = Duration.ofSeconds(10);

  @ParameterizedTest
  @CsvSource({
    "20, 10",
    "150, 75",
    "500, 400",
    "1000, 900",
    "3000, 2700",
    "5000, 4500",
    "10000, 9000",
    "10500, 9500"
  })
  void keeps_a_tenth_back_for_the_answer(long givenMillis, long evaluationMillis) {
    CallTime time = given(givenMillis);

    assertThat(time.deadline().remaining().toMillis())
        .isBetween(evaluationMillis - 60, evaluationMillis);
    assertThat(time.deadline().passed(RefusalReason.KEYS_UNREACHABLE))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
  }

  @ParameterizedTest
  @CsvSource(
      value = {"12000", "60000", "none"},
      nullValues = "none")
  void gives_up_by_itself_where_the_caller_has_more_time(@Nullable Long givenMillis) {
    CallTime time = given(givenMillis);

    assertThat(time.deadline().remaining()).isBetween(Duration.ofMillis(9_900), MAX);
    assertThat(time.deadline().passed(RefusalReason.KEYS_UNREACHABLE))
        .isEqualTo(RefusalReason.KEYS_UNREACHABLE);
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "5000, 450, true",
        "5000, 501, false",
        "5000, 4000, false",
        "5000, 28000, false",
        "10000, 900, true",
        "10000, 1001, false",
        "20000, 18500, true",
        "20000, 19500, false",
        "20000, 28000, false",
        "60000, 39000, true",
        "none, 39000, true"
      },
      nullValues = "none")
  void lets_grpc_wait_only_where_the_reason_still_arrives(
      @Nullable Long givenMillis, long waitMillis, boolean allowed) {
    assertThat(given(givenMillis).allowsRetryAfter(Duration.ofMillis(waitMillis)))
        .isEqualTo(allowed);
  }

  @Test
  void a_deadline_that_has_passed_leaves_no_time() {
    CallTime time = given(-1_000L);

    assertThat(time.deadline().hasPassed()).isTrue();
    assertThat(time.allowsRetryAfter(Duration.ofMillis(1))).isFalse();
  }

  private static CallTime given(@Nullable Long millis) {
    return new CallTime(millis == null ? null : Deadline.after(millis, TimeUnit.MILLISECONDS), MAX);
  }
}
