package dev.tokenbroker.exchange;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What the broker takes on while there is more to do than can be done. */
@ConfigMapping(prefix = "token-broker.admission")
public interface AdmissionSettings {

  /**
   * The most evaluations under way at once, those included that wait for an issuer or an upstream;
   * and the most callers besides who wait for one that is made for somebody else, three quarters of
   * them for the same.
   */
  @WithDefault("4096")
  int maxInFlight();

  /**
   * The delay that the queue of evaluations may have: where it stays longer, the broker is
   * overloaded, and refuses what comes beyond that queue.
   */
  @WithDefault("250ms")
  Duration targetDelay();

  /** How often one credential may be evaluated, times a second, in the long run; 0 for no limit. */
  @WithDefault("200")
  int perCredentialRate();

  /** How often one credential may be evaluated at once, after a while without. */
  @WithDefault("400")
  int perCredentialBurst();

  /** The longest time after which a refused caller is asked to come back. */
  @WithDefault("2s")
  Duration maxPushback();

  /** The most explanations under way at once, each of which may wait for an issuer's keys. */
  @WithDefault("128")
  int maxExplanations();

  /** The most introspections under way at once. */
  @WithDefault("128")
  int maxIntrospections();

  /** The most revocations under way at once. */
  @WithDefault("128")
  int maxRevocations();

  /** The most verdicts that are read at once. */
  @WithDefault("16")
  int maxVerdictReads();
}
