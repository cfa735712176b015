package dev.tokenbroker.edges.http.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.http.token.ProblemDetails;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.junit.jupiter.api.Test;

class OverloadMapperTest {

  @Test
  void says_when_to_retry() {
    Response answer = new OverloadMapper().toResponse(new BulkheadException());

    assertThat(answer.getStatus()).isEqualTo(503);
    assertThat(answer.getHeaderString(HttpHeaders.RETRY_AFTER)).matches("[1-9]\\d*");
    assertThat(answer.getHeaderString(HttpHeaders.CONTENT_TYPE))
        .isEqualTo(ProblemDetails.MEDIA_TYPE);
  }
}
