package dev.tokenbroker.telemetry;

import dev.tokenbroker.issuer.IssuerSettings;
import dev.tokenbroker.issuer.KeySetStatus.Freshness;
import dev.tokenbroker.issuer.TrustedIssuer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * What is known of each trusted issuer's keys. Values are read when a scrape asks for them; which
 * issuers there are follows {@link #follow}: a new one gets its meters, one that is gone loses
 * them.
 */
@Singleton
final class IssuerMeters {

  private final MeterRegistry registry;
  private final IssuerSettings settings;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Map<String, Registered> byName = new HashMap<>();

  @Inject
  IssuerMeters(MeterRegistry registry, IssuerSettings settings, InstantSource clock) {
    this(registry, settings, clock, System::nanoTime);
  }

  IssuerMeters(
      MeterRegistry registry, IssuerSettings settings, InstantSource clock, LongSupplier nanoTime) {
    this.registry = registry;
    this.settings = settings;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  // Micrometer holds the watch weakly: this keeps it.
  private record Registered(IssuerWatch watch, List<Meter> meters) {}

  /** Makes these the issuers that have meters. */
  synchronized void follow(List<TrustedIssuer> issuers) {
    Set<String> names = new HashSet<>();
    for (TrustedIssuer issuer : issuers) {
      names.add(issuer.name());
      byName
          .computeIfAbsent(issuer.name(), name -> register(name, issuer))
          .watch()
          .follow(issuer.keys());
    }
    byName.entrySet().removeIf(entry -> !names.contains(entry.getKey()) && removed(entry));
  }

  private boolean removed(Map.Entry<String, Registered> entry) {
    entry.getValue().meters().forEach(registry::remove);
    return true;
  }

  private Registered register(String name, TrustedIssuer issuer) {
    IssuerWatch watch = new IssuerWatch(issuer.keys(), settings, clock, nanoTime);
    List<Meter> meters = new ArrayList<>();
    meters.add(
        gauge(MeterNames.ISSUER_KEYS, "Usable keys held", name, watch, IssuerWatch::keyCount));
    meters.add(
        seconds(
            MeterNames.ISSUER_KEYS_AGE,
            "Time since the keys held were fetched; NaN for keys that are not fetched",
            name,
            watch,
            IssuerWatch::keyAgeSeconds));
    meters.add(
        seconds(
            MeterNames.ISSUER_CLOCK_OFFSET,
            "The issuer's clock less ours; NaN until measured",
            name,
            watch,
            IssuerWatch::clockOffsetSeconds));
    meters.add(
        gauge(
            MeterNames.ISSUER_FETCH_BOUND_RATIO,
            "Fetches begun over the fetches that the upstream bound allows; at most 1",
            name,
            watch,
            IssuerWatch::fetchBoundRatio));
    for (Freshness freshness : Freshness.values()) {
      meters.add(freshness(name, watch, freshness));
    }
    meters.add(
        counter(
            MeterNames.ISSUER_FETCHES,
            "Fetches begun, keys and discovery together",
            name,
            watch,
            IssuerWatch::fetches));
    meters.add(
        counter(
            MeterNames.ISSUER_FETCH_FAILURES,
            "Fetches that brought nothing usable",
            name,
            watch,
            IssuerWatch::failures));
    return new Registered(watch, List.copyOf(meters));
  }

  private Meter gauge(
      String meter,
      String description,
      String issuer,
      IssuerWatch watch,
      ToDoubleFunction<IssuerWatch> value) {
    return Gauge.builder(meter, watch, value)
        .description(description)
        .tag(MeterNames.ISSUER, issuer)
        .register(registry);
  }

  private Meter seconds(
      String meter,
      String description,
      String issuer,
      IssuerWatch watch,
      ToDoubleFunction<IssuerWatch> value) {
    return Gauge.builder(meter, watch, value)
        .description(description)
        .baseUnit(MeterNames.SECONDS)
        .tag(MeterNames.ISSUER, issuer)
        .register(registry);
  }

  private Meter freshness(String issuer, IssuerWatch watch, Freshness freshness) {
    return Gauge.builder(
            MeterNames.ISSUER_KEYS_FRESHNESS, watch, at -> at.freshness() == freshness ? 1 : 0)
        .description("1 for the freshness that the keys have, 0 for the others")
        .tag(MeterNames.ISSUER, issuer)
        .tag(MeterNames.FRESHNESS, freshness.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private Meter counter(
      String meter,
      String description,
      String issuer,
      IssuerWatch watch,
      ToDoubleFunction<IssuerWatch> value) {
    return FunctionCounter.builder(meter, watch, value)
        .description(description)
        .tag(MeterNames.ISSUER, issuer)
        .register(registry);
  }
}
