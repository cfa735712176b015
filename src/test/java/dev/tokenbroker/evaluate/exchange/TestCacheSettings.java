package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.exchange.cache.CacheSettings;
import dev.tokenbroker.process.runtime.DefaultSettings;
import java.time.Duration;

/** The default settings; a test changes what it is about. */
public interface TestCacheSettings extends CacheSettings {

  static TestCacheSettings defaults() {
    return DefaultSettings.of(CacheSettings.class, TestCacheSettings.class);
  }

  TestCacheSettings withEnabled(boolean other);

  TestCacheSettings withMaxWeight(long other);

  TestCacheSettings withNegativeTtl(Duration other);
}
