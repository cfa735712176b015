package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.IssuedTokensStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CacheMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicReference<IssuedTokensStatus> cache =
      new AtomicReference<>(new IssuedTokensStatus(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));

  @Test
  void shows_each_number_of_the_cache_at_the_moment_of_the_scrape() {
    new StateMeters(registry).register(StateMeters.CACHE, cache::get);
    cache.set(new IssuedTokensStatus(1, 2, 3, 9, 5, 4, 7, 8, 4096, 10));

    assertThat(counter(MeterNames.CACHE_HITS)).isEqualTo(1);
    assertThat(counter(MeterNames.CACHE_NEGATIVE_HITS)).isEqualTo(2);
    assertThat(counter(MeterNames.CACHE_MISSES)).isEqualTo(3);
    assertThat(counter(MeterNames.CACHE_REFRESHES)).isEqualTo(9);
    assertThat(counter(MeterNames.CACHE_REFRESHES_PUT_OFF)).isEqualTo(5);
    assertThat(counter(MeterNames.CACHE_REFRESH_FAILURES)).isEqualTo(4);
    assertThat(counter(MeterNames.CACHE_EVICTIONS)).isEqualTo(7);
    assertThat(gauge(MeterNames.CACHE_SIZE)).isEqualTo(8);
    assertThat(gauge(MeterNames.CACHE_WEIGHT)).isEqualTo(4096);
    assertThat(gauge(MeterNames.CACHE_NEGATIVE_SIZE)).isEqualTo(10);
  }

  private double counter(String meter) {
    return registry.get(meter).functionCounter().count();
  }

  private double gauge(String meter) {
    return registry.get(meter).gauge().value();
  }
}
