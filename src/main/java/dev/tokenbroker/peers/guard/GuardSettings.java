package dev.tokenbroker.peers.guard;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds for the requests to one upstream, and the handling of its failures. */
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

  /** How long after a failure a request for the same key counts as a retry; 100 ms to 1 h. */
  @WithDefault("5s")
  Duration coolDown();

  /** After how many failures in a row the circuit opens; from 1 to 1000. */
  @WithDefault("5")
  int circuitFailures();

  /** How long the circuit stays open before one call may probe the peer; 100 ms to 1 h. */
  @WithDefault("2s")
  Duration probeInterval();

  /** The longest wait before the first retry of a call, which doubles with each; 1 ms to 1 min. */
  @WithDefault("100ms")
  Duration backOffBase();

  /**
   * The limit of that doubling, and the longest Retry-After that a call waits out itself; from the
   * base to 1 min.
   */
  @WithDefault("2s")
  Duration backOffCap();

  /** The longest Retry-After that counts; the broker's account at the peer pauses; 1 s to 1 h. */
  @WithDefault("60s")
  Duration maxRetryAfter();
}
