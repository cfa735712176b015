package dev.tokenbroker.exchange;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * The verdicts of the last while, for operators who were given an id. Bounded in number and time.
 */
@Singleton
public final class Verdicts implements ExchangeObserver {

  private final Cache<String, Verdict> recent;

  Verdicts(ExchangeSettings settings) {
    this.recent =
        Caffeine.newBuilder()
            .maximumSize(Math.max(0, settings.maxVerdicts()))
            .expireAfterWrite(settings.verdictTtl())
            .build();
  }

  @Override
  public void ended(ExchangeRecord record) {
    recent.put(record.verdict().id(), record.verdict());
  }

  /** The whole verdict of that id; empty where there is none or it has gone. */
  public Optional<Verdict> find(String id) {
    return Optional.ofNullable(recent.getIfPresent(id));
  }
}
