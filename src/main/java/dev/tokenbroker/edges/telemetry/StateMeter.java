package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * A meter of a state, or of each peer, with its labels. Immutable.
 *
 * @param labels the labels beside the one that names the peer
 * @param value reads the value from the state, or from the watch of a peer
 */
record StateMeter<W>(MeterKind kind, BrokerMeter meter, Tags labels, ToDoubleFunction<W> value) {

  enum MeterKind {
    GAUGE,
    COUNTER
  }

  static <W> StateMeter<W> gauge(BrokerMeter meter, ToDoubleFunction<W> value) {
    return new StateMeter<>(MeterKind.GAUGE, meter, Tags.empty(), value);
  }

  static <W> StateMeter<W> counter(BrokerMeter meter, ToDoubleFunction<W> value) {
    return new StateMeter<>(MeterKind.COUNTER, meter, Tags.empty(), value);
  }

  /** The same meter with one more label. */
  StateMeter<W> with(String label, String labelled) {
    return new StateMeter<>(kind, meter, labels.and(label, labelled), value);
  }

  /** Registers it for a state that lasts as long as the registry. */
  void register(MeterRegistry registry, Supplier<W> state) {
    new StateMeter<MeterRegistry>(kind, meter, labels, _ -> value.applyAsDouble(state.get()))
        .register(registry, Tags.empty(), registry);
  }

  /**
   * Registers it for one peer.
   *
   * @param watch weakly referenced by the registry
   */
  Meter register(MeterRegistry registry, Iterable<Tag> peer, W watch) {
    Tags tags = labels.and(peer);
    return switch (kind) {
      case GAUGE ->
          Gauge.builder(meter.id(), watch, value)
              .description(meter.description())
              .baseUnit(meter.unit())
              .tags(tags)
              .register(registry);
      case COUNTER ->
          FunctionCounter.builder(meter.id(), watch, value)
              .description(meter.description())
              .baseUnit(meter.unit())
              .tags(tags)
              .register(registry);
    };
  }
}
