package dev.tokenbroker.devissuer;

import dev.tokenbroker.grpc.GrpcSettings;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Shows a newcomer one exchange, as soon as the broker's ports are open in dev mode: the request,
 * the issued token, the verdict, the addresses and what to try next.
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

  Demonstration(DevIssuer issuer, GrpcSettings grpc) {
    this.issuer = issuer;
    this.grpc = grpc;
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
      case DemoCall.DemoRefused(StatusRuntimeException status) -> {
        @Nullable Metadata trailers = status.getTrailers();
        @Nullable String pushback = trailers == null ? null : trailers.get(AttemptText.PUSHBACK);
        yield pushback == null
            ? status.getStatus().getCode() == Status.Code.UNAVAILABLE
            : !pushback.startsWith("-");
      }
    };
  }
}
