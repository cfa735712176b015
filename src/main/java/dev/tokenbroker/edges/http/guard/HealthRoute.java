package dev.tokenbroker.edges.http.guard;

import dev.tokenbroker.edges.http.token.TokenAnswer;
import io.smallrye.health.SmallRyeHealth;
import io.smallrye.health.SmallRyeHealthReporter;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Serves the three probes at the HTTP port, for load balancers that reach no other port: 200 and
 * {@code UP}, or 503 and {@code DOWN}. The names of the checks and their data stay at the
 * management port.
 */
@Singleton
final class HealthRoute {

  private static final String PREFIX = "/q/health/";

  private final HealthSettings settings;
  private final SmallRyeHealthReporter health;

  HealthRoute(HealthSettings settings, SmallRyeHealthReporter health) {
    this.settings = settings;
    this.health = health;
  }

  void register(@Observes Router router) {
    if (settings.onHttpPort()) {
      serve(router, "live", health::getLivenessAsync);
      serve(router, "ready", health::getReadinessAsync);
      serve(router, "started", health::getStartupAsync);
    }
  }

  private static void serve(Router router, String probe, Supplier<Uni<SmallRyeHealth>> health) {
    router.get(PREFIX + probe).handler(call -> answer(call, health));
    router.head(PREFIX + probe).handler(call -> answer(call, health));
  }

  private static void answer(RoutingContext call, Supplier<Uni<SmallRyeHealth>> health) {
    health.get().subscribe().with(state -> answer(state.isDown()).send(call), call::fail);
  }

  private static TokenAnswer answer(boolean down) {
    return down
        ? new TokenAnswer(503, Map.of(), Buffer.buffer("{\"status\":\"DOWN\"}\n"))
        : new TokenAnswer(200, Map.of(), Buffer.buffer("{\"status\":\"UP\"}\n"));
  }
}
