package dev.tokenbroker.edges.http.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.RefusalReason.Retry;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemDetailsTest {

  private static final String CHALLENGE = "Bearer realm=\"token-broker\"";

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "Basic bm9ib2R5, ''",
    "Bearer none, ', error=\"invalid_token\", error_description=\"CALLER_UNAUTHENTICATED: '",
    "bearer none, ', error=\"invalid_token\", error_description=\"CALLER_UNAUTHENTICATED: '",
  })
  void challenges_and_says_whether_a_token_was_not_good_enough(String authorization, String error) {
    ProblemDetails problem = ProblemDetails.unauthenticated(authorization, "");

    assertThat(problem.status()).isEqualTo(Response.Status.UNAUTHORIZED);
    assertThat(problem.detail()).startsWith("CALLER_UNAUTHENTICATED: ");
    assertThat(problem.routeAnswer().body().toJsonObject().getString("reason")).isNull();
    assertThat(problem.headers().get(HttpHeaders.WWW_AUTHENTICATE))
        .startsWith(CHALLENGE + error)
        .hasSizeGreaterThanOrEqualTo(CHALLENGE.length())
        .matches(text -> !error.isEmpty() || text.equals(CHALLENGE));
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
    assertThat(new String((byte[]) answer.getEntity(), UTF_8))
        .containsPattern("\"detail\":\"[A-Z_]+: ")
        .matches(text -> !later || text.contains(reason + ": "));
    assertThat(answer.getStatus() == 429 || answer.getStatus() == 503).isEqualTo(later);
    assertThat(answer.getHeaderString(HttpHeaders.RETRY_AFTER)).isEqualTo(later ? "2" : null);
    assertThat(answer.getHeaders().containsKey(HttpHeaders.WWW_AUTHENTICATE)).isEqualTo(!later);
  }
}
