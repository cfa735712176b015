package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class DemonstrationTest {

  private static final int HTTP_PORT = 8080;

  private final DevIssuer issuer = new DevIssuer(InstantSource.system());

  @Test
  void comes_back_while_the_broker_says_that_it_helps() throws Exception {
    try (FakeBroker fake = new FakeBroker(2, Status.Code.UNAVAILABLE, "5");
        OwnBroker broker = new OwnBroker(fake.port())) {
      DemoCall attempt = Demonstration.patiently(broker, issuer, HTTP_PORT);

      assertThat(attempt.answer()).isInstanceOf(DemoCall.Issued.class);
      assertThat(fake.exchanges()).isEqualTo(3);
    }
  }

  @Test
  void shows_a_refusal_that_will_not_change() throws Exception {
    try (FakeBroker fake = new FakeBroker(9, Status.Code.UNAUTHENTICATED, "-1");
        OwnBroker broker = new OwnBroker(fake.port())) {
      DemoCall attempt = Demonstration.patiently(broker, issuer, HTTP_PORT);

      assertThat(attempt.answer()).isInstanceOf(DemoCall.DemoRefused.class);
      assertThat(fake.exchanges()).isEqualTo(1);
    }
  }

  @Test
  void prints_request_answer_and_verdict_but_no_token() throws Exception {
    String token = issuer.credential(HTTP_PORT, DevCredential.sound());
    try (FakeBroker fake = new FakeBroker(0, Status.Code.OK, "-1");
        OwnBroker broker = new OwnBroker(fake.port())) {
      String text = AttemptText.of(broker.attempt(request(token)));

      assertThat(text)
          .contains("REQUEST  tokenbroker.v1.TokenBroker/ExchangeToken at localhost:" + fake.port())
          .contains("    repository   acme/payments\n")
          .contains("ANSWER  OK, a token was issued")
          .contains("VERDICT  refused")
          .contains("  hint         expired 600 s ago\n")
          .contains("  time         failed   expected exp in the future, seen exp 600 s ago\n");
      assertThat(text)
          .doesNotContain(token.split("\\.", -1)[1])
          .doesNotContain(token.split("\\.", -1)[2]);
    }
  }

  @Test
  void prints_status_reason_and_pushback_of_a_refusal() throws Exception {
    try (FakeBroker fake = new FakeBroker(1, Status.Code.UNAUTHENTICATED, "-1");
        OwnBroker broker = new OwnBroker(fake.port())) {
      assertThat(AttemptText.of(broker.attempt(request("no.jwt"))))
          .contains("ANSWER  UNAUTHENTICATED: The credential has expired.\n")
          .contains("  reason       CREDENTIAL_EXPIRED (tokenbroker.dev)\n")
          .contains("  step         time\n")
          .contains("  pushback     -1 (do not try again)\n")
          .contains("(not a JSON object without duplicate members)");
    }
  }

  @Test
  void says_so_where_no_broker_answers() throws Exception {
    int port;
    try (FakeBroker fake = new FakeBroker(0, Status.Code.OK, "-1")) {
      port = fake.port();
    }
    try (OwnBroker broker = new OwnBroker(port)) {
      assertThat(AttemptText.of(broker.attempt(request("nothing"))))
          .contains("ANSWER  UNAVAILABLE: ")
          .contains("VERDICT  UNAVAILABLE: ")
          .contains("(not a JWT)");
    }
  }

  @Test
  void gives_commands_that_name_the_right_ports_and_existing_flaws() {
    String text = Welcome.broker(9090, 9999, 9191, SampleFederation.FILE) + Welcome.issuer(9090);

    assertThat(text)
        .contains("gRPC         localhost:9999, service tokenbroker.v1.TokenBroker, no TLS")
        .contains("health       http://localhost:9191/q/health\n")
        .contains("dev issuer   http://localhost:9090/dev-issuer\n")
        .contains("curl 'http://localhost:9090/dev-issuer/try?flaw=expired'")
        .doesNotContain("8080")
        .doesNotContain("%");
    assertThat(text.lines().filter(line -> line.contains("?flaw=")))
        .hasSize(4)
        .allSatisfy(
            line ->
                assertThat(Flaw.named(line.replaceAll(".*[?]flaw=([a-z-]+)'.*", "$1")))
                    .isPresent());
  }

  private static ExchangeTokenRequest request(String token) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(Demonstration.TARGET)
        .addScopes("read")
        .setSubjectToken(token)
        .build();
  }
}
