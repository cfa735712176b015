package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.SharedEvaluations;
import dev.tokenbroker.token.TokenCacheStatus;
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

/** What the token cache spares, holds and drops; read when a scrape asks. */
@Singleton
final class CacheMeters {

  private final MeterRegistry registry;
  private final Supplier<TokenCacheStatus> cache;

  @Inject
  CacheMeters(MeterRegistry registry, SharedEvaluations evaluations) {
    this(registry, evaluations::cacheStatus);
  }

  CacheMeters(MeterRegistry registry, Supplier<TokenCacheStatus> cache) {
    this.registry = registry;
    this.cache = cache;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    counter(MeterNames.CACHE_HITS, "Tokens handed out from the cache", TokenCacheStatus::hits);
    counter(
        MeterNames.CACHE_NEGATIVE_HITS,
        "Refusals given from the cache",
        TokenCacheStatus::negativeHits);
    counter(MeterNames.CACHE_MISSES, "All other lookups", TokenCacheStatus::misses);
    counter(
        MeterNames.CACHE_REFRESHES,
        "Held tokens that came due to be made anew",
        TokenCacheStatus::refreshesBegun);
    counter(
        MeterNames.CACHE_REFRESHES_PUT_OFF,
        "Refreshes that came due and could not be begun at once",
        TokenCacheStatus::refreshesPutOff);
    counter(
        MeterNames.CACHE_REFRESH_FAILURES,
        "Refreshes that brought nothing",
        TokenCacheStatus::refreshesFailed);
    counter(
        MeterNames.CACHE_EVICTIONS, "Tokens dropped for want of room", TokenCacheStatus::evictions);
    gauge(MeterNames.CACHE_SIZE, "Tokens held", null, TokenCacheStatus::entries);
    gauge(
        MeterNames.CACHE_WEIGHT,
        "What the tokens held weigh",
        MeterNames.BYTES,
        TokenCacheStatus::weightBytes);
    gauge(MeterNames.CACHE_NEGATIVE_SIZE, "Refusals held", null, TokenCacheStatus::refusals);
  }

  private void counter(String meter, String description, ToDoubleFunction<TokenCacheStatus> value) {
    FunctionCounter.builder(meter, this, at -> value.applyAsDouble(at.cache.get()))
        .description(description)
        .register(registry);
  }

  private void gauge(
      String meter,
      String description,
      @Nullable String unit,
      ToDoubleFunction<TokenCacheStatus> value) {
    Gauge.builder(meter, this, at -> value.applyAsDouble(at.cache.get()))
        .description(description)
        .baseUnit(unit)
        .register(registry);
  }
}
