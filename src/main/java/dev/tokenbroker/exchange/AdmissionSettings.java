package dev.tokenbroker.exchange;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Whom the door lets in while there is more to do than can be done. */
@ConfigMapping(prefix = "token-broker.admission")
public interface AdmissionSettings {

  /**
   * The most evaluations under way at once, those included that wait for an issuer or an upstream.
   */
  @WithDefault("4096")
  int maxInFlight();

  /**
   * How long the evaluations that wait for a thread may take to work off: where it takes longer for
   * a tenth of a second without a break, the broker is overloaded, and whoever would wait for twice
   * that is refused; or for longer, up to ten times, where this is usual on the machine.
   */
  @WithDefault("3ms")
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
}
