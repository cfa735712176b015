package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * A meter of a state, or of each peer, with its labels. Immutable.
 *
 * @param labels the labels beside the one that names the peer
 * @param value reads the value from the state, or from the peer
 */
record StateMeter<S>(MeterKind kind, BrokerMeter meter, Tags labels, ToDoubleFunction<S> value) {

  enum MeterKind {
    GAUGE,
    COUNTER
  }

  static <S> StateMeter<S> gauge(BrokerMeter meter, ToDoubleFunction<S> value) {
    return new StateMeter<>(MeterKind.GAUGE, meter, Tags.empty(), value);
  }

  static <S> StateMeter<S> counter(BrokerMeter meter, ToDoubleFunction<S> value) {
    return new StateMeter<>(MeterKind.COUNTER, meter, Tags.empty(), value);
  }

  /** The same meter with one more label. */
  StateMeter<S> with(String label, String labelled) {
    return new StateMeter<>(kind, meter, labels.and(label, labelled), value);
  }

  /** Registers it. A scrape asks for the state, which the meter keeps until it is removed. */
  Meter register(MeterRegistry registry, Supplier<S> state) {
    // Micrometer references the object weakly, and the function not.
    ToDoubleFunction<MeterRegistry> now = _ -> value.applyAsDouble(state.get());
    return switch (kind) {
      case GAUGE ->
          Gauge.builder(meter.id(), registry, now)
              .description(meter.description())
              .baseUnit(meter.unit())
              .tags(labels)
              .register(registry);
      case COUNTER ->
          FunctionCounter.builder(meter.id(), registry, now)
              .description(meter.description())
              .baseUnit(meter.unit())
              .tags(labels)
              .register(registry);
    };
  }
}
