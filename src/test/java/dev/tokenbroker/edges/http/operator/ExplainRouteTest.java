package dev.tokenbroker.edges.http.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.edges.http.token.FormParameters;
import dev.tokenbroker.edges.http.token.LifecycleRoutes;
import dev.tokenbroker.edges.http.token.ReceivedForm;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The request that an operator has explained over HTTP. */
class ExplainRouteTest {

  private final Form form = new Form().add("audience", "payments").add("subject_token", "a.b.c");

  @Test
  void takes_nothing_of_the_operator_for_the_explained_caller() {
    ReceivedForm received = received(form.add("client", "gateway").add("client_id", "mesh"));

    assertThat(ExplainRoute.read(received))
        .isInstanceOfSatisfying(
            Outcome.Accepted.class,
            read -> {
              ExchangeRequest explained =
                  ExplainRoute.request((FormParameters) read.value(), received);
              assertThat(explained.keys()).isEqualTo(PresentedKeys.NONE);
              assertThat(explained.client()).isEqualTo(PresentedClient.NONE);
            });
  }

  @Test
  void refuses_two_clients() {
    assertThat(ExplainRoute.read(received(form.add("client", "gateway").add("client", "mesh"))))
        .isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void refuses_a_query_as_introspection_and_revocation_do() {
    for (String query : List.of("subject_token=a.b.c", "audience=payments", "x=1")) {
      assertThat(ExplainRoute.read(received(form, query))).isInstanceOf(Outcome.Refused.class);
      assertThat(LifecycleRoutes.token(received(new Form().add("token", "a.b.c"), query)))
          .isInstanceOf(Outcome.Refused.class);
    }
    assertThat(LifecycleRoutes.token(received(new Form().add("token", "a.b.c"), "")))
        .isEqualTo(Outcome.accepted("a.b.c"));
  }

  private static ReceivedForm received(Form form) {
    return received(form, "");
  }

  private static ReceivedForm received(Form form, String query) {
    return new ReceivedForm(
        Buffer.buffer(form.encoded()),
        query,
        "Basic Z2F0ZXdheTpzZWNyZXQ=",
        PresentedKeys.of("x5t", null),
        "192.0.2.7",
        Deadline.limit(Duration.ofSeconds(10)));
  }
}
