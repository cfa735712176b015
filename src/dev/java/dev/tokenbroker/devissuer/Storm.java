package dev.tokenbroker.devissuer;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.edges.grpc.GrpcServer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * {@value #CLIENTS} clients that call for the exchanged target for ten seconds, each with a
 * credential of its own. They call again as soon as they have an answer, whatever it says. Safe for
 * use by several threads.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
final class Storm {

  static final int CLIENTS = 500;

  private static final Duration LENGTH = Duration.ofSeconds(10);

  private final CiIssuer issuer;
  private final GrpcServer grpc;
  private volatile @Nullable Deadline end;

  Storm(CiIssuer issuer, GrpcServer grpc) {
    this.issuer = issuer;
    this.grpc = grpc;
  }

  /**
   * Begins.
   *
   * @param port of the issuer
   * @param ended runs when it has ended, on a thread of its own
   */
  void begin(int port, Runnable ended) {
    Deadline mine = Deadline.after(LENGTH);
    end = mine;
    Thread.ofVirtual()
        .name("dev-storm")
        .start(
            () -> {
              blow(port, mine);
              ended.run();
            });
  }

  /** Returns when each client has its last answer. */
  private void blow(int port, Deadline mine) {
    try (OwnBroker broker = new OwnBroker(grpc.port());
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < CLIENTS; at++) {
        var _ = clients.submit(() -> call(broker, issuer.credential(port), mine));
      }
    }
  }

  private void call(OwnBroker broker, String credential, Deadline mine) {
    ExchangeTokenRequest request =
        ExchangeTokenRequest.newBuilder()
            .setAudience(Traffic.EXCHANGED)
            .setSubjectToken(credential)
            .build();
    while (mine.equals(end) && !mine.hasPassed()) {
      broker.exchange(request);
    }
  }

  /** Ends after the answers to the calls under way. */
  void stop() {
    end = null;
  }

  void stop(@Observes Shutdown event) {
    stop();
  }
}
