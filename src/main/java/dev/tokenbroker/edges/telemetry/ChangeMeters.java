package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.operate.changes.ChangeLog;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.ToLongFunction;

/** Counters of the timeline, one for each kind of change. */
@Singleton
final class ChangeMeters {

  private final MeterRegistry registry;
  private final ToLongFunction<ChangeKind> counts;
  private final ToLongFunction<ChangeKind> joins;

  @Inject
  ChangeMeters(MeterRegistry registry, ChangeLog changes) {
    this(registry, changes::count, changes::joined);
  }

  ChangeMeters(
      MeterRegistry registry, ToLongFunction<ChangeKind> counts, ToLongFunction<ChangeKind> joins) {
    this.registry = registry;
    this.counts = counts;
    this.joins = joins;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    for (ChangeKind kind : ChangeKind.values()) {
      counter(BrokerMeter.CHANGES, kind, counts);
      counter(BrokerMeter.CHANGES_JOINED, kind, joins);
    }
  }

  private void counter(BrokerMeter meter, ChangeKind kind, ToLongFunction<ChangeKind> count) {
    StateMeter.<ToLongFunction<ChangeKind>>counter(meter, counter -> counter.applyAsLong(kind))
        .with(MeterLabels.KIND, kind.label())
        .register(registry, () -> count);
  }
}
