package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.cache.IssuedTokensStatus;
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

    assertThat(counter(BrokerMeter.CACHE_HITS.id())).isEqualTo(1);
    assertThat(counter(BrokerMeter.CACHE_NEGATIVE_HITS.id())).isEqualTo(2);
    assertThat(counter(BrokerMeter.CACHE_MISSES.id())).isEqualTo(3);
    assertThat(counter(BrokerMeter.CACHE_REFRESHES.id())).isEqualTo(9);
    assertThat(counter(BrokerMeter.CACHE_REFRESHES_PUT_OFF.id())).isEqualTo(5);
    assertThat(counter(BrokerMeter.CACHE_REFRESH_FAILURES.id())).isEqualTo(4);
    assertThat(counter(BrokerMeter.CACHE_EVICTIONS.id())).isEqualTo(7);
    assertThat(gauge(BrokerMeter.CACHE_SIZE.id())).isEqualTo(8);
    assertThat(gauge(BrokerMeter.CACHE_WEIGHT.id())).isEqualTo(4096);
    assertThat(gauge(BrokerMeter.CACHE_NEGATIVE_SIZE.id())).isEqualTo(10);
  }

  private double counter(String meter) {
    return registry.get(meter).functionCounter().count();
  }

  private double gauge(String meter) {
    return registry.get(meter).gauge().value();
  }
}
