package dev.tokenbroker.edges.telemetry;

import io.prometheus.client.exemplars.DefaultExemplarSampler;
import io.prometheus.client.exemplars.ExemplarSampler;
import io.prometheus.client.exemplars.tracer.otel.OpenTelemetrySpanContextSupplier;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Names a trace beside a meter's value (OpenMetrics, exemplars) if tracing is on. Without tracing,
 * each count would still look for a trace, which is 2 % of the cost of a cached token.
 */
@Singleton
final class Exemplars {

  private static final String NO_TRACES = "quarkus.otel.sdk.disabled";

  @Produces
  @Singleton
  @Alternative
  @Priority(1)
  Optional<ExemplarSampler> sampler(Config config) {
    return config.getOptionalValue(NO_TRACES, Boolean.class).orElse(false)
        ? Optional.empty()
        : Optional.of(new DefaultExemplarSampler(new OpenTelemetrySpanContextSupplier()));
  }
}
