package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.grpc.Status;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every proxy passes on, with the configuration that container.md prints. */
interface ProxyContract {

  /** The broker behind the proxy. */
  InteropBroker broker();

  /** An issuer that the broker trusts. */
  FakeIssuer issuer();

  /** One whose keys the broker cannot fetch. */
  FakeIssuer down();

  @Test
  default void exchanges_over_grpc_and_records_the_address_of_the_caller() {
    String credential = issuer().credential();
    try (BrokerClient client = caller().client()) {
      BrokerClient.Answer answer = client.exchange(BrokerClient.exchangeOf(credential));

      assertThat(answer.granted().getAccessToken()).startsWith("eyJ");
    }
    assertThat(peer(credential)).isEqualTo(ProxiedCaller.ADDRESS);
  }

  @Test
  default void exchanges_over_http_and_records_the_address_of_the_caller() throws ParseException {
    String credential = issuer().credential();

    HttpResponse<String> response = caller().exchange(credential);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(JSONObjectUtils.parse(response.body())).containsEntry("token_type", "Bearer");
    assertThat(peer(credential)).isEqualTo(ProxiedCaller.ADDRESS);
  }

  @Test
  default void passes_on_the_details_of_a_refusal() {
    String expired =
        issuer().credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));
    try (BrokerClient client = caller().client()) {
      BrokerClient.Answer answer = client.exchange(BrokerClient.exchangeOf(expired));

      assertThat(answer.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(answer.reason()).isEqualTo("CREDENTIAL_EXPIRED");
      assertThat(answer.pushback()).isEqualTo("-1");
    }
  }

  @Test
  default void passes_on_when_to_come_back() {
    String credential = down().credential();
    try (BrokerClient client = caller().client()) {
      BrokerClient.Answer answer = client.exchange(BrokerClient.exchangeOf(credential));

      assertThat(answer.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(answer.reason()).isNotEmpty();
      assertThat(Integer.parseInt(answer.pushback())).isPositive();
      assertThat(answer.retryInfo()).isTrue();
    }
    assertThat(broker().evaluations(credential)).isEqualTo(3);
    assertThat(caller().exchange(credential).headers().firstValue("Retry-After")).isPresent();
  }

  /** As much as the broker itself takes: 32 KiB of metadata, messages of 256 KiB. */
  @Test
  default void passes_on_large_metadata_and_large_messages() {
    try (BrokerClient client = caller().client()) {
      BrokerClient.Answer granted =
          client.exchange(
              BrokerClient.exchangeOf(issuer().credential()),
              "x-large",
              Collections.nCopies(4, "a".repeat(7_000)));
      BrokerClient.Answer refused =
          client.exchange(BrokerClient.exchangeOf("a".repeat(250 * 1024)));

      assertThat(granted.granted().getAccessToken()).startsWith("eyJ");
      assertThat(refused.reason()).as("%s", refused).isEqualTo("CREDENTIAL_TOO_LARGE");
    }
  }

  /** The proof names the address of the proxy. */
  @Test
  default void passes_on_a_proof_of_possession() {
    try (InteropProgram client = InteropProgram.node("oauth.mjs", broker())) {
      client.ask("discover", Map.of("issuer", broker().url(), "algorithm", "oauth2"));

      Answer granted =
          client.ask(
              "token",
              Map.of(
                  "grantType",
                  "urn:ietf:params:oauth:grant-type:token-exchange",
                  "parameters",
                  Map.of(
                      "subject_token",
                      issuer().credential(),
                      "subject_token_type",
                      "urn:ietf:params:oauth:token-type:jwt",
                      "audience",
                      InteropFederation.TARGET),
                  "bound",
                  true));

      assertThat(granted.text("value", "token_type")).as("%s", granted).isEqualTo("dpop");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server"
      })
  default void passes_on_what_the_broker_publishes(String path) {
    assertThat(caller().get(path).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/q/metrics",
        "/q/health/ready",
        "//q/metrics",
        "/%71/metrics",
        "/verdicts/../q/metrics",
        "/verdicts/%2e%2e/q/metrics",
        "/.well-known/..%2fq/metrics",
        "/grpc.health.v1.Health/Check",
        "/"
      })
  default void keeps_every_other_path_inside(String path) {
    assertThat(caller().get(path).statusCode()).isEqualTo(404);
  }

  private ProxiedCaller caller() {
    return new ProxiedCaller(broker());
  }

  /** The address that the audit log has for that credential. */
  private String peer(String credential) {
    String line = broker().awaitLine(InteropBroker.digest(credential));
    try {
      return String.valueOf(JSONObjectUtils.parse(line.substring(line.indexOf('{'))).get("peer"));
    } catch (ParseException broken) {
      throw new AssertionError(line, broken);
    }
  }
}
