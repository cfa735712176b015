package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.Readiness;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcServingStatusTest {

  private boolean ready;
  private final GrpcServingStatus status =
      new GrpcServingStatus(() -> new Readiness(() -> ready, () -> true));

  @ParameterizedTest
  @ValueSource(strings = {"", TokenBrokerGrpc.SERVICE_NAME})
  void tells_readiness_for_the_service_and_the_server(String service) {
    assertThat(told(service)).isEqualTo(ServingStatus.NOT_SERVING);

    ready = true;
    assertThat(told(service)).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void tells_that_the_process_lives_though_the_broker_is_not_ready_or_stopping() {
    assertThat(told("live")).isEqualTo(ServingStatus.SERVING);

    status.stop();
    assertThat(told("live")).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void stops_serving_once_the_process_is_asked_to_stop() {
    ready = true;
    status.stop();
    assertThat(told(TokenBrokerGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void knows_no_other_services() {
    assertThat(status.of("acme.Other")).isEmpty();
  }

  private ServingStatus told(String service) {
    return status.of(service).orElseThrow().getStatus();
  }
}
