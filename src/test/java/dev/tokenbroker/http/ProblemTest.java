package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.core.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemTest {

  private static final String CHALLENGE = "Bearer realm=\"token-broker\"";

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "Basic bm9ib2R5, ''",
    "Bearer none, ', error=\"invalid_token\"'",
    "bearer none, ', error=\"invalid_token\"'",
  })
  void challenges_and_says_whether_a_token_was_not_good_enough(String authorization, String error) {
    Problem problem = Problem.unauthenticated(authorization);

    assertThat(problem.status()).isEqualTo(Response.Status.UNAUTHORIZED);
    assertThat(problem.challenge()).isEqualTo(CHALLENGE + error);
  }
}
