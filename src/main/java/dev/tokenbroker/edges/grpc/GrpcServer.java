package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.edges.edge.Draining;
import dev.tokenbroker.edges.edge.Readiness;
import dev.tokenbroker.edges.edge.Readiness.ReadinessMayHaveChanged;
import dev.tokenbroker.edges.edge.Stopping;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.quarkus.opentelemetry.runtime.config.runtime.OTelRuntimeConfig;
import io.quarkus.opentelemetry.runtime.tracing.instrumentation.grpc.GrpcTracingServerInterceptor;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Starts, drains and stops the gRPC server, with health and, where the settings allow it,
 * reflection.
 *
 * <p>Health has three names. The server (empty) and the broker's service are SERVING while {@link
 * Readiness} reports ready and no stop has begun. {@link #LIVE} is SERVING from the start to the
 * drain. A probe that restarts the process should use {@link #LIVE}, since a restart repairs no
 * federation document.
 */
@Singleton
public final class GrpcServer {

  /** The health name of the process. */
  static final String LIVE = "live";

  private static final Logger LOG = Logger.getLogger(GrpcServer.class);
  private static final int LAST = 1_000_000;
  private static final int END_MILLIS = 1_000;
  private static final Duration ROUND = Duration.ofSeconds(1);

  private final GrpcTransport transport;
  private final GrpcSettings settings;
  private final VertxHttpConfig http;
  private final List<ServerInterceptor> interceptors;
  private final TokenBrokerService broker;
  private final Readiness readiness;
  private final HealthStatusManager health = new HealthStatusManager();
  private final OpenCalls calls;
  private final Rounds rounds =
      new Rounds(GrpcServer.class, "grpc-requests", "Unfinished requests could not be ended");
  private volatile boolean stopping;
  private @Nullable Server server;

  GrpcServer(
      GrpcTransport transport,
      GrpcSettings settings,
      VertxHttpConfig http,
      CallerInterceptor callers,
      Instance<GrpcTracingServerInterceptor> tracing,
      OTelRuntimeConfig telemetry,
      TokenBrokerService broker,
      Readiness readiness,
      Clocks clock) {
    this.transport = transport;
    this.calls = new OpenCalls(clock);
    this.settings = settings;
    this.http = http;
    this.interceptors =
        telemetry.sdkDisabled()
            ? List.of(callers::interceptCall, calls::interceptCall)
            : List.of(
                callers::interceptCall,
                calls::interceptCall,
                tracing.get()); // grpc-java calls the last one first
    this.broker = broker;
    this.readiness = readiness;
  }

  void start(@Observes @Priority(LAST) StartupEvent event) {
    InetSocketAddress address =
        new InetSocketAddress(settings.host().orElse(http.host()), settings.port());
    follow();
    health.setStatus(LIVE, ServingStatus.SERVING);
    ServerBuilder<?> builder =
        transport
            .builder(address)
            .addStreamTracerFactory(new StreamEnd.StreamEndFactory())
            .addService(OneMessage.perCall(TokenBrokerGrpc.bindService(broker)))
            .addService(OneMessage.perCall(health.getHealthService().bindService()));
    if (settings.reflection()) {
      builder.addService(ProtoReflectionServiceV1.newInstance());
    }
    interceptors.forEach(builder::intercept);
    try {
      server = builder.build().start();
    } catch (IOException taken) {
      throw new UncheckedIOException(taken);
    }
    rounds.begin(ROUND, calls::endUnfinished);
    LOG.infof(
        "gRPC listens at %s:%d%s",
        address.getHostString(), port(), transport.isEncrypted() ? " with TLS" : "");
  }

  /** The port on which the server listens. */
  public int port() {
    return Objects.requireNonNull(server, "not started").getPort();
  }

  /** The number of open calls that never end by themselves. */
  int openStreams() {
    return calls.streams();
  }

  void follow(@Observes ReadinessMayHaveChanged event) {
    follow();
  }

  void notReady(@Observes Stopping event) {
    stopping = true;
    follow();
  }

  private void follow() {
    ServingStatus status =
        !stopping && readiness.ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(TokenBrokerGrpc.SERVICE_NAME, status);
  }

  /**
   * Sends GOAWAY and ends the streams that never end by themselves. Other calls may end by
   * themselves until the patience is over; then this method ends them.
   */
  void drain(@Observes Draining event) {
    Server draining = server;
    if (draining == null) {
      return;
    }
    health.enterTerminalState();
    draining.shutdown();
    calls.endStreams();
    if (!ended(draining, event.patience().remaining().toMillis())) {
      LOG.warn("Some gRPC calls have not ended in time; the broker ends them as UNAVAILABLE");
      calls.end();
      ended(draining, END_MILLIS);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    rounds.close();
    Server ending = server;
    if (ending != null) {
      ended(ending.shutdownNow(), END_MILLIS);
    }
  }

  private static boolean ended(Server ending, long millis) {
    try {
      return ending.awaitTermination(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
