package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import io.grpc.Metadata;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose keys and whose client an explanation over gRPC is about. */
class ExplainCallTest {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "'', Basic Z2F0ZXdheTpzZWNyZXQ=, true",
    "'', Bearer a.b.c, false",
    "'', DPoP a.b.c, false",
    "gateway, Bearer a.b.c, false",
    "gateway, Basic Z2F0ZXdheTpzZWNyZXQ=, false",
    "gateway, '', false",
  })
  void takes_nothing_of_an_operator_for_the_explained_caller(
      String client, String authorization, boolean own) {
    Metadata headers = new Metadata();
    if (!authorization.isEmpty()) {
      headers.put(AUTHORIZATION, authorization);
    }
    Caller caller =
        new Caller("192.0.2.7", false, "x5t", null, headers, new CallTime(null, Duration.ZERO));
    ExplainExchangeRequest message =
        ExplainExchangeRequest.newBuilder()
            .setExchange(ExchangeTokenRequest.newBuilder().setClientAssertion("a.b.c"))
            .setClient(client)
            .build();

    ExchangeRequest explained = ExplainCall.explained(message, caller);

    assertThat(explained.keys())
        .isEqualTo(own ? PresentedKeys.of("x5t", null) : PresentedKeys.NONE);
    assertThat(explained.client().secret() != null).isEqualTo(own && !authorization.isEmpty());
    assertThat(explained.client().assertion()).isEqualTo("a.b.c");
    assertThat(explained.client()).isNotEqualTo(PresentedClient.NONE);
  }
}
