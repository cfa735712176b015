package dev.tokenbroker.outbound;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much is sent to one upstream, and how its failures are borne. */
@ConfigMapping(prefix = "token-broker.upstream.guard")
public interface GuardSettings {

  /** The longest one attempt may take; from 100 ms to a minute. */
  @WithDefault("5s")
  Duration attemptTimeout();

  /** How many attempts one call may make, the first included; from 1 to 10. */
  @WithDefault("3")
  int maxAttempts();

  /** How many attempts may be under way at once; from 1 to 256. */
  @WithDefault("32")
  int concurrency();

  /** How long an attempt waits for a place among them; from 0 to 10 s. */
  @WithDefault("1s")
  Duration maxWait();

  /** How many retries may be made without a success; from 0 to 1000. */
  @WithDefault("5")
  int retryBurst();

  /** What part of a retry each success pays for; from 0 to 1. */
  @WithDefault("0.1")
  double retryRatio();

  /** How long after a failure the same thing may be asked for only as a retry; 100 ms to 1 h. */
  @WithDefault("5s")
  Duration coolDown();

  /** After how many failures in a row the circuit opens; from 1 to 1000. */
  @WithDefault("5")
  int circuitFailures();

  /**
   * How long the circuit is open before one call may see whether the peer is back; 100 ms to 1 h.
   */
  @WithDefault("2s")
  Duration probeInterval();

  /** The longest wait before the first retry of a call, which doubles with each; 1 ms to 1 min. */
  @WithDefault("100ms")
  Duration backOffBase();

  /**
   * What it doubles up to, and the longest Retry-After that a call sits out itself; from the base
   * to 1 min.
   */
  @WithDefault("2s")
  Duration backOffCap();
}
