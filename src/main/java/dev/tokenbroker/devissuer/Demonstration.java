package dev.tokenbroker.devissuer;

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
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Shows a newcomer one exchange, as soon as the broker's port is open in dev mode: the request, the
 * issued token, the verdict, where everything is and what to try next.
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

  Demonstration(DevIssuer issuer) {
    this.issuer = issuer;
  }

  /** Runs aside, on a worker thread: the start of the broker does not wait for it. */
  void show(@ObservesAsync HttpServerStart start) {
    int port = start.options().getPort();
    try (OwnBroker broker = new OwnBroker(port)) {
      LOG.info(
          "One exchange, to begin with:\n\n"
              + AttemptText.of(patiently(broker, port))
              + "\n"
              + Welcome.broker(port, SampleFederation.FILE));
    }
  }

  /**
   * Tries again for a minute while the broker says that it can help: it may still be reading its
   * federation, or have asked for our keys before our own port was open.
   */
  Attempt patiently(OwnBroker broker, int port) {
    Deadline deadline = Deadline.after(PATIENCE);
    while (true) {
      Attempt attempt =
          broker.attempt(
              ExchangeTokenRequest.newBuilder()
                  .setAudience(TARGET)
                  .setSubjectToken(issuer.credential(port, DevCredential.sound()))
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

  private static boolean mayHelpToComeBack(Attempt.Answer answer) {
    return switch (answer) {
      case Attempt.Issued _ -> false;
      case Attempt.Refused(StatusRuntimeException status) -> {
        @Nullable Metadata trailers = status.getTrailers();
        @Nullable String pushback = trailers == null ? null : trailers.get(AttemptText.PUSHBACK);
        yield pushback == null
            ? status.getStatus().getCode() == Status.Code.UNAVAILABLE
            : !pushback.startsWith("-");
      }
    };
  }
}
