package dev.tokenbroker.exchange;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is kept of tokens that went out, for callers who ask for the same again. */
@ConfigMapping(prefix = "token-broker.cache")
public interface CacheSettings {

  /** Whether tokens are kept at all. Without, each request is judged anew. */
  @WithDefault("true")
  boolean enabled();

  /** The most that is kept, in bytes: the tokens and what belongs to them; 64 MiB. */
  @WithDefault("67108864")
  long maxWeight();

  /**
   * How long the definite refusal of an upstream is given again without asking it; drawn between
   * half of that and all of it. {@code 0s} for not at all.
   */
  @WithDefault("10s")
  Duration negativeTtl();
}
