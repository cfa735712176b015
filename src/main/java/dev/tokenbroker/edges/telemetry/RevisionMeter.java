package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.evaluate.federation.document.Federation;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A gauge that is 1 for one revision; no other revision is present. */
final class RevisionMeter {

  private final MultiGauge gauge;

  RevisionMeter(MeterRegistry registry, BrokerMeter meter) {
    this.gauge = MultiGauge.builder(meter.id()).description(meter.description()).register(registry);
  }

  /** Shows this revision from now on; null for none. */
  void follow(@Nullable String revision) {
    gauge.register(
        revision == null
            ? List.of()
            : List.of(
                MultiGauge.Row.of(
                    Tags.of(MeterLabels.REVISION, Federation.shortened(revision)), 1)));
  }
}
