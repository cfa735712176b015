package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong at an issuer, and comes right again, asks for no restart of the broker. */
@QuarkusTest
class RestartFreeTest {

  @Inject Federations federations;
  @TestHTTPResource URI url;

  private final FakeIssuer issuer = FakeIssuer.start();
  private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(url.getPort());
  }

  @AfterEach
  void stop() {
    client.close();
    issuer.close();
  }

  @ParameterizedTest
  @CsvSource({
    "DROP, KEYS_UNREACHABLE",
    "SERVER_ERROR, KEYS_UNREACHABLE",
    "HTML, KEYS_INVALID",
    "TRUNCATED, KEYS_INVALID"
  })
  void exchanges_after_the_pushback_once_an_issuer_that_was_down_at_the_start_is_up(
      FakeIssuer.Answer down, String reason) {
    issuer.answer(down);
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    Answer refused = exchange();
    assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.reason()).isEqualTo(reason);

    issuer.answer(FakeIssuer.Answer.GOOD);

    afterPushback(refused).granted();
  }

  @Test
  void exchanges_after_at_most_one_pushback_once_an_issuer_has_changed_its_key() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    exchange().granted();

    issuer.rotate();
    Answer first = exchange();

    if (first.token() == null) {
      assertThat(first.reason()).isEqualTo("KEY_REFETCH_COOLING_DOWN");
      afterPushback(first).granted();
    }
  }

  @Test
  void refuses_a_credential_under_the_old_key_once_the_new_key_is_known() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    String old = issuer.credential();
    assertThat(exchange(old).code()).isEqualTo(Code.OK);

    issuer.rotate();
    Answer first = exchange();
    if (first.token() == null) {
      afterPushback(first).granted();
    }

    assertThat(exchange(old).reason()).isIn("KEY_REFETCH_COOLING_DOWN", "KEY_UNKNOWN");
  }

  private Answer afterPushback(Answer refused) {
    return Patience.after(Duration.ofMillis(Long.parseLong(refused.pushback())), this::exchange);
  }

  private Answer exchange() {
    return exchange(issuer.credential());
  }

  private Answer exchange(String credential) {
    return client.exchange(
        ExchangeTokenRequest.newBuilder()
            .setAudience("payments-api")
            .setSubjectToken(credential)
            .build());
  }
}
