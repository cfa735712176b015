package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.IssuedTokens;
import dev.tokenbroker.exchange.IssuedTokensStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Meters of the token cache: hits, entries and evictions. A scrape reads the values. */
@Singleton
final class CacheMeters {

  private final MeterRegistry registry;
  private final Supplier<IssuedTokensStatus> cache;

  @Inject
  CacheMeters(MeterRegistry registry, IssuedTokens tokens) {
    this(registry, tokens::status);
  }

  CacheMeters(MeterRegistry registry, Supplier<IssuedTokensStatus> cache) {
    this.registry = registry;
    this.cache = cache;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    counter(MeterNames.CACHE_HITS, "Tokens handed out from the cache", IssuedTokensStatus::hits);
    counter(
        MeterNames.CACHE_NEGATIVE_HITS,
        "Refusals given from the cache",
        IssuedTokensStatus::negativeHits);
    counter(MeterNames.CACHE_MISSES, "All other lookups", IssuedTokensStatus::misses);
    counter(
        MeterNames.CACHE_REFRESHES,
        "Held tokens that came due to be made anew",
        IssuedTokensStatus::refreshesBegun);
    counter(
        MeterNames.CACHE_REFRESHES_PUT_OFF,
        "Refreshes that came due and could not be begun at once",
        IssuedTokensStatus::refreshesPutOff);
    counter(
        MeterNames.CACHE_REFRESH_FAILURES,
        "Refreshes that brought nothing",
        IssuedTokensStatus::refreshesFailed);
    counter(
        MeterNames.CACHE_EVICTIONS,
        "Tokens dropped for want of room",
        IssuedTokensStatus::evictions);
    gauge(MeterNames.CACHE_SIZE, "Tokens held", null, IssuedTokensStatus::entries);
    gauge(
        MeterNames.CACHE_WEIGHT,
        "What the tokens held weigh",
        MeterNames.BYTES,
        IssuedTokensStatus::weightBytes);
    gauge(MeterNames.CACHE_NEGATIVE_SIZE, "Refusals held", null, IssuedTokensStatus::refusals);
  }

  private void counter(
      String meter, String description, ToDoubleFunction<IssuedTokensStatus> value) {
    FunctionCounter.builder(meter, this, at -> value.applyAsDouble(at.cache.get()))
        .description(description)
        .register(registry);
  }

  private void gauge(
      String meter,
      String description,
      @Nullable String unit,
      ToDoubleFunction<IssuedTokensStatus> value) {
    Gauge.builder(meter, this, at -> value.applyAsDouble(at.cache.get()))
        .description(description)
        .baseUnit(unit)
        .register(registry);
  }
}
