package dev.tokenbroker.evaluate.exchange;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the cache of issued tokens. */
@ConfigMapping(prefix = "token-broker.cache")
public interface CacheSettings {

  /** Whether tokens are cached at all. If not, each request is judged anew. */
  @WithDefault("true")
  boolean enabled();

  /** The most that the cache holds, in bytes: the tokens and what belongs to them; 64 MiB. */
  @WithDefault("67108864")
  long maxWeight();

  /**
   * How long the definite refusal of an upstream is repeated without another call; drawn between
   * half of that and all of it. {@code 0s} for not at all.
   */
  @WithDefault("10s")
  Duration negativeTtl();

  /**
   * Whether tokens of upstreams are also given to other replicas, encrypted. It counts only with a
   * shared store.
   */
  @WithDefault("true")
  boolean shared();
}
