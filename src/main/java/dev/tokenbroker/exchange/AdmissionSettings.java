package dev.tokenbroker.exchange;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Whom the door lets in while there is more to do than can be done. */
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
   * How long the evaluations that wait may take to work off: where it takes longer for a twentieth
   * of a second without a break, while as many come as are begun, the broker is overloaded. Then as
   * many may wait as are done in a third of that, and whoever has waited for longer than that is
   * refused. Where longer waits are usual on the machine, up to five times that is taken for it.
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
