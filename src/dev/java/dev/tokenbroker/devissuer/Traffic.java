package dev.tokenbroker.devissuer;

import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.edges.grpc.GrpcServer;
import dev.tokenbroker.evaluate.federation.Federations;
import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The background traffic of dev mode: {@value #CALLERS} workloads with credentials of the issuer
 * {@code ci}, and {@value #PER_SECOND} calls a second at most. Half of them call for the minted
 * target, half for the exchanged one. Safe for use by several threads.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
final class Traffic {

  static final int CALLERS = 8;
  static final int PER_SECOND = 20;

  /** The target that the sample federation exchanges at the upstream. */
  static final String EXCHANGED = "orders-api";

  private static final Logger LOG = Logger.getLogger(Traffic.class);
  private static final Duration PERIOD = Duration.ofSeconds(CALLERS).dividedBy(PER_SECOND);

  private final CiServer server;
  private final CiIssuer issuer;
  private final GrpcServer grpc;
  private final Federations federations;
  private @Nullable Flow flow;

  private record Flow(OwnBroker broker, ScheduledExecutorService threads) {}

  Traffic(CiServer server, CiIssuer issuer, GrpcServer grpc, Federations federations) {
    this.server = server;
    this.issuer = issuer;
    this.grpc = grpc;
    this.federations = federations;
  }

  /** Begins, unless it has begun or the federation in force does not name the issuer. */
  synchronized void start() {
    if (flow != null || server.port().isEmpty()) {
      return;
    }
    int port = server.port().getAsInt();
    if (!isTrusted(CiIssuer.issuer(port))) {
      LOG.infof(
          "No background traffic: the federation does not name the issuer %s. Without %s, the next"
              + " start writes one that does.",
          CiIssuer.issuer(port), SampleFederation.FILE);
      return;
    }
    OwnBroker broker = new OwnBroker(grpc.port());
    ScheduledExecutorService threads =
        Executors.newScheduledThreadPool(
            CALLERS, Thread.ofVirtual().name("dev-traffic-", 0).factory());
    for (int at = 0; at < CALLERS; at++) {
      String audience = at % 2 == 0 ? Demonstration.TARGET : EXCHANGED;
      TrafficCaller caller = new TrafficCaller(broker, audience, () -> issuer.credential(port));
      // With a delay, since calls that were late must not be made up for.
      var _ =
          threads.scheduleWithFixedDelay(
              () -> run(caller),
              PERIOD.toMillis() * at / CALLERS,
              PERIOD.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    flow = new Flow(broker, threads);
  }

  private boolean isTrusted(String name) {
    return federations.current().stream()
        .flatMap(federation -> federation.issuers().all().stream())
        .anyMatch(trusted -> trusted.issuer().equals(name));
  }

  // An exception must not end the schedule.
  private static void run(TrafficCaller caller) {
    try {
      caller.call();
    } catch (RuntimeException | Error bug) {
      LOG.errorf("A call of the background traffic failed: %s", BugReport.of(bug));
    }
  }

  /** Whether it flows. */
  synchronized boolean isFlowing() {
    return flow != null;
  }

  void stop(@Observes Shutdown event) {
    stop();
  }

  /** Ends; calls under way are cancelled. */
  synchronized void stop() {
    Flow ending = flow;
    flow = null;
    if (ending != null) {
      ending.threads().shutdownNow();
      ending.broker().close();
    }
  }
}
