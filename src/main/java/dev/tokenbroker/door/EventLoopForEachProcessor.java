package dev.tokenbroker.door;

import io.quarkus.vertx.VertxOptionsCustomizer;
import io.vertx.core.VertxOptions;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/**
 * Has as many event loops as there are processors, unless {@code
 * quarkus.vertx.event-loops-pool-size} says how many.
 *
 * <p>By default there are twice as many. An event loop that evaluates is never idle under load, so
 * two on one processor take turns of milliseconds there, and what has come for one waits for the
 * other's.
 */
@Singleton
final class EventLoopForEachProcessor implements VertxOptionsCustomizer {

  private static final String SIZE = "quarkus.vertx.event-loops-pool-size";

  private final Config config;

  EventLoopForEachProcessor(Config config) {
    this.config = config;
  }

  @Override
  public void accept(VertxOptions options) {
    if (config.getOptionalValue(SIZE, Integer.class).isEmpty()) {
      options.setEventLoopPoolSize(Runtime.getRuntime().availableProcessors());
    }
  }
}
