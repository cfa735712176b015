package dev.tokenbroker.devissuer;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.edges.grpc.GrpcSettings;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * Shows a newcomer one exchange, as soon as the broker's ports are open in dev mode: the request,
 * the issued token, the verdict, the addresses and what to try next. It also starts the {@link
 * Traffic}.
 */
@Singleton
@IfBuildProfile("dev")
final class Demonstration {

  /** The target of the sample federation. */
  static final String TARGET = "payments-api";

  private static final Logger LOG = Logger.getLogger(Demonstration.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final DevIssuer issuer;
  private final GrpcSettings grpc;
  private final Traffic traffic;

  Demonstration(DevIssuer issuer, GrpcSettings grpc, Traffic traffic) {
    this.issuer = issuer;
    this.grpc = grpc;
    this.traffic = traffic;
  }

  /** Runs on a worker thread, so the start of the broker does not wait for it. */
  void show(@ObservesAsync HttpServerStart start) {
    int httpPort = start.options().getPort();
    int managementPort =
        ConfigProvider.getConfig().getValue("quarkus.management.port", Integer.class);
    try (OwnBroker broker = new OwnBroker(grpc.port())) {
      LOG.info(
          "One exchange, to begin with:\n\n"
              + AttemptText.of(patiently(broker, issuer, httpPort))
              + "\n"
              + Welcome.broker(httpPort, grpc.port(), managementPort, SampleFederation.FILE));
    }
  }

  /** Begins the traffic when all ports are open, after a live reload too. */
  void begin(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event) {
    traffic.start();
  }

  /**
   * Tries again for a minute while the gRPC port is not open or the broker says that a retry may
   * help. The broker may still be reading its federation, or may have fetched our keys before our
   * own port was open.
   */
  static DemoCall patiently(OwnBroker broker, DevIssuer issuer, int httpPort) {
    Deadline deadline = Deadline.after(PATIENCE);
    while (true) {
      DemoCall attempt =
          broker.attempt(
              ExchangeTokenRequest.newBuilder()
                  .setAudience(TARGET)
                  .setSubjectToken(issuer.credential(httpPort, DevCredential.sound()))
                  .build());
      if (!mayHelpToComeBack(attempt.answer()) || deadline.hasPassed()) {
        return attempt;
      }
      Deadline pause = Deadline.after(PAUSE);
      while (!pause.hasPassed()) {
        LockSupport.parkNanos(pause.remaining().toNanos());
      }
    }
  }

  private static boolean mayHelpToComeBack(DemoCall.DemoAnswer answer) {
    return switch (answer) {
      case DemoCall.Issued _ -> false;
      case DemoCall.DemoRefused refused -> {
        OptionalLong pushback = refused.pushback();
        yield pushback.isEmpty()
            ? refused.status().getStatus().getCode() == Status.Code.UNAVAILABLE
            : pushback.getAsLong() >= 0;
      }
    };
  }
}
