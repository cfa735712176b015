package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient.Answer;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The meters of exchanges over HTTP: the same as over gRPC. */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenMetersLiveTest {

  @Inject Federations federations;
  @Inject MeterRegistry registry;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private TokenClient client;

  @BeforeAll
  void start() {
    new TestFederation().issuer("metered", issuer.issuer()).load(federations);
    client = new TokenClient(url, Version.HTTP_1_1);
  }

  @Test
  void counts_a_token_that_went_out_and_times_its_steps() {
    long exchanges = exchanges("accepted");
    long signatures = steps("signature");

    Answer granted = client.post(TokenClient.exchangeOf(issuer.credential()));

    assertThat(granted.status()).as("%s", granted).isEqualTo(200);
    assertThat(exchanges("accepted")).isEqualTo(exchanges + 1);
    assertThat(steps("signature")).isEqualTo(signatures + 1);
    assertThat(
            count(
                registry
                    .find("tokenbroker.tokens.issued")
                    .tags("issuer", "metered", "target", "payments-api")
                    .counter()))
        .isEqualTo(1);
  }

  @Test
  void counts_a_refusal_by_its_reason_and_issuer() {
    long exchanges = exchanges("refused");

    client.post(
        TokenClient.exchangeOf(
            issuer.credential(claims -> claims.put("aud", "https://other.example"))));

    assertThat(exchanges("refused")).isEqualTo(exchanges + 1);
    assertThat(count(refusals("AUDIENCE_MISMATCH", "metered"))).isEqualTo(1);
  }

  @Test
  void counts_a_form_that_asks_for_nothing_and_not_what_is_no_form() {
    double before = count(refusals("REQUEST_INVALID", "none"));

    client.post(new Form().add("grant_type", TokenClient.TOKEN_EXCHANGE));
    client.post("%zz".getBytes(StandardCharsets.US_ASCII));

    assertThat(count(refusals("REQUEST_INVALID", "none"))).isEqualTo(before + 1);
  }

  private long exchanges(String outcome) {
    return registry
        .get("tokenbroker.exchange")
        .tags("intent", "exchange", "outcome", outcome)
        .timer()
        .count();
  }

  private long steps(String step) {
    Timer timer =
        registry.get("tokenbroker.exchange.step").tags("step", step, "result", "passed").timer();
    return timer.count();
  }

  private @Nullable Counter refusals(String reason, String of) {
    return registry
        .find("tokenbroker.refusals")
        .tags("intent", "exchange", "reason", reason, "issuer", of)
        .counter();
  }

  // A counter is made when it is needed first.
  private static double count(@Nullable Counter counter) {
    return counter == null ? 0 : counter.count();
  }
}
