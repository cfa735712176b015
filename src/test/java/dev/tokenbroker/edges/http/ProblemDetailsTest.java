package dev.tokenbroker.edges.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.RefusalReason.Retry;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemDetailsTest {

  private static final String CHALLENGE = "Bearer realm=\"token-broker\"";

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "Basic bm9ib2R5, ''",
    "Bearer none, ', error=\"invalid_token\"'",
    "bearer none, ', error=\"invalid_token\"'",
  })
  void challenges_and_says_whether_a_token_was_not_good_enough(String authorization, String error) {
    ProblemDetails problem = ProblemDetails.unauthenticated(authorization);

    assertThat(problem.status()).isEqualTo(Response.Status.UNAUTHORIZED);
    assertThat(problem.routeAnswer().body().toString()).doesNotContain("reason");
    assertThat(problem.headers())
        .isEqualTo(Map.of(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + error));
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void says_when_to_come_back_to_who_cannot_be_let_in_now(RefusalReason reason) {
    Refusal refusal = Refusal.of(reason).retryAfter(Duration.ofMillis(1_234));

    ProblemDetails problem = ProblemDetails.ofCaller(refusal, "DPoP x");
    Response answer = problem.answer();

    boolean later = reason.retry() == Retry.LATER;
    if (later) {
      assertThat(problem.routeAnswer().body().toJsonObject().getString("reason"))
          .isEqualTo(reason.name());
    }
    assertThat(answer.getStatus() == 429 || answer.getStatus() == 503).isEqualTo(later);
    assertThat(answer.getHeaderString(HttpHeaders.RETRY_AFTER)).isEqualTo(later ? "2" : null);
    assertThat(answer.getHeaders().containsKey(HttpHeaders.WWW_AUTHENTICATE)).isEqualTo(!later);
  }
}
