package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Limits of the load that the broker takes on. */
@ConfigMapping(prefix = "token-broker.admission")
public interface AdmissionSettings {

  /**
   * The most evaluations under way at once, including those that wait for an issuer or an upstream.
   * As many more callers may share an evaluation, three quarters of them the same one.
   */
  @WithDefault("4096")
  int maxInFlight();

  /**
   * The delay that the queue of evaluations may have. If it stays longer, the broker is overloaded
   * and refuses evaluations beyond that queue.
   */
  @WithDefault("250ms")
  Duration targetDelay();

  /** How often one credential may be evaluated per second, in the long run; 0 for no limit. */
  @WithDefault("200")
  int perCredentialRate();

  /** How often one credential may be evaluated at once, after a pause. */
  @WithDefault("400")
  int perCredentialBurst();

  /** How many upstream requests an identity may cause for a target per second; 0 for no limit. */
  @WithDefault("1")
  int perIdentityRate();

  /** How many of them it may cause at once, after a pause. */
  @WithDefault("10")
  int perIdentityBurst();

  /** How many all identities of an issuer may cause at an upstream per second; 0 for no limit. */
  @WithDefault("20")
  int perIssuerRate();

  /** How many of them they may cause at once, after a pause. */
  @WithDefault("200")
  int perIssuerBurst();

  /** The longest time after which a refused caller may come back. */
  @WithDefault("2s")
  Duration maxPushback();

  /** The most explanations under way at once. Each one may wait for an issuer's keys. */
  @WithDefault("128")
  int maxExplanations();

  /** The most introspections under way at once. */
  @WithDefault("128")
  int maxIntrospections();

  /** The most revocations under way at once. */
  @WithDefault("128")
  int maxRevocations();

  /** The most reads of verdicts at once, and the most proofs of other operators. */
  @WithDefault("16")
  int maxVerdictReads();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(AdmissionSettings settings) {
    return new SettingLimits("token-broker.admission.")
        .within("max-in-flight", settings.maxInFlight(), 1, 1_000_000)
        .within(
            "target-delay", settings.targetDelay(), Duration.ofMillis(10), Duration.ofSeconds(5))
        .within("max-explanations", settings.maxExplanations(), 1, 10_000)
        .within("max-introspections", settings.maxIntrospections(), 1, 10_000)
        .within("max-revocations", settings.maxRevocations(), 1, 10_000)
        .within("max-verdict-reads", settings.maxVerdictReads(), 1, 10_000)
        .within("per-credential-rate", settings.perCredentialRate(), 0, 1_000_000)
        .within("per-credential-burst", settings.perCredentialBurst(), 1, 1_000_000)
        .within("per-identity-rate", settings.perIdentityRate(), 0, 1_000_000)
        .within("per-identity-burst", settings.perIdentityBurst(), 1, 1_000_000)
        .within("per-issuer-rate", settings.perIssuerRate(), 0, 1_000_000)
        .within("per-issuer-burst", settings.perIssuerBurst(), 1, 1_000_000)
        .within("max-pushback", settings.maxPushback(), Duration.ofMillis(1), Duration.ofMinutes(1))
        .unfit();
  }
}
