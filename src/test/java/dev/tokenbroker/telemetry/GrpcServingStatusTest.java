package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import org.junit.jupiter.api.Test;

class GrpcServingStatusTest {

  private final GrpcHealthStorage storage = new GrpcHealthStorage();
  private boolean ready;
  private final GrpcServingStatus status =
      new GrpcServingStatus(storage, new HealthWatches(), () -> ready);

  @Test
  void tells_readiness_for_the_service_and_the_server() {
    status.follow();
    assertThat(told("")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(told(TokenBrokerGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.NOT_SERVING);

    ready = true;
    status.follow();
    assertThat(told("")).isEqualTo(ServingStatus.SERVING);
    assertThat(told(TokenBrokerGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void tells_that_the_process_lives_though_the_broker_is_not_ready_or_stopping() {
    status.follow();
    assertThat(told("live")).isEqualTo(ServingStatus.SERVING);

    status.stops(new ShutdownEvent());
    assertThat(told("live")).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void stops_serving_once_the_process_is_asked_to_stop() {
    ready = true;
    status.follow();
    status.stops(new ShutdownEvent());
    status.follow();
    assertThat(told(TokenBrokerGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.NOT_SERVING);
  }

  private ServingStatus told(String service) {
    return storage.statusForService(service).getStatus();
  }
}
