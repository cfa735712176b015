package dev.tokenbroker.evaluate.exchange;

import java.time.Duration;

/** The default settings, of which a test changes what it is about. */
public record TestCacheSettings(
    boolean enabled, long maxWeight, Duration negativeTtl, boolean shared)
    implements CacheSettings {

  public static TestCacheSettings defaults() {
    return new TestCacheSettings(true, 64 << 20, Duration.ofSeconds(10), true);
  }

  public TestCacheSettings withEnabled(boolean other) {
    return new TestCacheSettings(other, maxWeight, negativeTtl, shared);
  }

  public TestCacheSettings withMaxWeight(long other) {
    return new TestCacheSettings(enabled, other, negativeTtl, shared);
  }

  public TestCacheSettings withNegativeTtl(Duration other) {
    return new TestCacheSettings(enabled, maxWeight, other, shared);
  }
}
