package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a load balancer, a cluster and a dashboard see. */
@QuarkusTest
class HealthLiveTest {

  /** As in the protocol; the generated code does not know it. */
  private static final int SERVICE_UNKNOWN = 3;

  @Inject Federations federations;

  @TestHTTPResource(value = "/", management = true)
  URI management;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final FakeIssuer down = FakeIssuer.start();
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
    down.answer(FakeIssuer.Answer.DROP);
    new TestFederation()
        .issuer("good", issuer.issuer())
        .issuer("down", down.issuer())
        .upstream("sso", "https://sso.example/token")
        .load(federations);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "live", TokenBrokerGrpc.SERVICE_NAME})
  void serves_by_the_grpc_health_protocol(String service) {
    assertThat(Eventually.see(() -> health(service), ServingStatus.SERVING::equals))
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void knows_nothing_of_the_health_of_other_services() {
    assertThatThrownBy(() -> health("acme.Other"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> assertThat(refused.getStatus().getCode()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void tells_a_watcher_that_a_service_is_unknown_and_continues() {
    CompletableFuture<HealthCheckResponse> heard = new CompletableFuture<>();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    HealthGrpc.newStub(client.channel())
        .watch(
            HealthCheckRequest.newBuilder().setService("acme.Other").build(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse response) {
                heard.complete(response);
              }

              @Override
              public void onError(Throwable failure) {
                heard.completeExceptionally(failure);
                ended.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                ended.complete(null);
              }
            });

    assertThat(heard.orTimeout(10, TimeUnit.SECONDS).join().getStatusValue())
        .isEqualTo(SERVICE_UNKNOWN);
    // An end would have come before the answer to a later call on the same connection.
    assertThat(health("live")).isEqualTo(ServingStatus.SERVING);
    assertThat(ended).isNotDone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "ready", "started"})
  void is_up_though_an_issuer_is_down(String check) {
    assertThat(client.exchange(request(down)).code()).isEqualTo(Code.UNAVAILABLE);

    RestAssured.get(management.resolve("/q/health/" + check))
        .then()
        .statusCode(200)
        .body("status", Matchers.equalTo("UP"));
  }

  @Test
  void shows_which_issuer_is_down() {
    client.exchange(request(issuer)).granted();
    client.exchange(request(down));

    RestAssured.get(management.resolve("/q/health/ready"))
        .then()
        .body("checks.data.good", Matchers.hasItem("fresh"))
        .body("checks.data.down", Matchers.hasItem("absent"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/q/metrics", "/q/health", "/q/health/group", "/q/health/well"})
  void has_nothing_else_at_the_http_port(String path) {
    assertThat(RestAssured.get(path).statusCode()).isEqualTo(404);
  }

  private ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(client.channel())
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private static ExchangeTokenRequest request(FakeIssuer issuer) {
    return BrokerClient.exchangeOf(issuer.credential());
  }
}
