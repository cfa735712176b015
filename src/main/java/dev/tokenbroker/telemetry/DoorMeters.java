package dev.tokenbroker.telemetry;

import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What is held of requests that have not arrived whole, and who is sent away unlooked at. */
@Singleton
final class DoorMeters {

  private final MeterRegistry registry;
  private final ArrivingBytes bytes;
  private final CallsOffLoop calls;

  DoorMeters(MeterRegistry registry, ArrivingBytes bytes, CallsOffLoop calls) {
    this.registry = registry;
    this.bytes = bytes;
    this.calls = calls;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    for (Door door : Door.values()) {
      Gauge.builder(MeterNames.DOOR_ARRIVING, bytes, held -> held.held(door))
          .description("Bytes held of requests that have not arrived whole")
          .baseUnit(MeterNames.BYTES)
          .tag(MeterNames.DOOR, door.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    refused("arriving", bytes, ArrivingBytes::refused);
    for (Kind kind : Kind.values()) {
      refused(kind.name().toLowerCase(Locale.ROOT), calls, of -> of.sentAway(kind));
    }
  }

  private <T> void refused(String why, T counted, ToDoubleFunction<T> count) {
    FunctionCounter.builder(MeterNames.DOOR_REFUSED, counted, count)
        .description("Requests sent away before they were looked at")
        .tag(MeterNames.WHY, why)
        .register(registry);
  }
}
