package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.edge.PublicAddresses;
import dev.tokenbroker.evaluate.exchange.CacheSettings;
import dev.tokenbroker.evaluate.exchange.admission.AdmissionSettings;
import dev.tokenbroker.judge.credential.CredentialSettings;
import dev.tokenbroker.judge.credential.JwtVerifier;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.operate.recording.RecordingSettings;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks the limits of admission, of the cache, of remembered credentials and proofs, and of the
 * recording. The broker starts with no other values.
 */
@Singleton
final class LimitRules {

  private static final int MAX_IN_FLIGHT = 1_000_000;
  private static final int MAX_RATE = 1_000_000;
  private static final int MAX_USED = 10_000_000;
  private static final long MIN_WEIGHT = 1024L * 1024;
  private static final long MAX_WEIGHT = 16L * 1024 * 1024 * 1024;
  private static final int MAX_CALLS = 10_000;
  private static final Duration TEN_MILLIS = Duration.ofMillis(10);
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int MIN_PROOFS = 1_000;
  private static final int MAX_PROOFS = 10_000_000;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final AdmissionSettings admission;
  private final CacheSettings cache;
  private final CredentialSettings credential;
  private final DpopSettings dpop;
  private final RecordingSettings recording;

  LimitRules(
      AdmissionSettings admission,
      CacheSettings cache,
      CredentialSettings credential,
      DpopSettings dpop,
      RecordingSettings recording) {
    this.admission = admission;
    this.cache = cache;
    this.credential = credential;
    this.dpop = dpop;
    this.recording = recording;
  }

  /** The settings with which the broker does not start; empty if it may. */
  List<UnfitSetting> severe() {
    Optional<String> addresses = PublicAddresses.problem(dpop);
    Optional<String> nonces = Nonces.problem(dpop);
    List<UnfitSetting> broken = new ArrayList<>(JwtVerifier.unfit(credential));
    broken.addAll(
        new SettingLimits("token-broker.")
            .within("admission.max-in-flight", admission.maxInFlight(), 1, MAX_IN_FLIGHT)
            .within("admission.target-delay", admission.targetDelay(), TEN_MILLIS, FIVE_SECONDS)
            .within("admission.max-explanations", admission.maxExplanations(), 1, MAX_CALLS)
            .within("admission.max-introspections", admission.maxIntrospections(), 1, MAX_CALLS)
            .within("admission.max-revocations", admission.maxRevocations(), 1, MAX_CALLS)
            .within("admission.max-verdict-reads", admission.maxVerdictReads(), 1, MAX_CALLS)
            .within("admission.per-credential-rate", admission.perCredentialRate(), 0, MAX_RATE)
            .within("admission.per-credential-burst", admission.perCredentialBurst(), 1, MAX_RATE)
            .within("admission.max-pushback", admission.maxPushback(), MILLI, MINUTE)
            .within("cache.max-weight", cache.maxWeight(), MIN_WEIGHT, MAX_WEIGHT)
            .within("cache.negative-ttl", cache.negativeTtl(), Duration.ZERO, MINUTE)
            .within("credential.max-used", credential.maxUsed(), 1, MAX_USED)
            .within("dpop.max-age", dpop.maxAge(), SECOND, MINUTE.multipliedBy(10))
            .within("dpop.leeway", dpop.leeway(), Duration.ZERO, MINUTE)
            .within("dpop.max-remembered", dpop.maxRemembered(), MIN_PROOFS, MAX_PROOFS)
            .within("dpop.nonce-period", dpop.noncePeriod(), SECOND.multipliedBy(10), HOUR)
            .demand(
                addresses.isEmpty(),
                "dpop.base-urls",
                addresses.orElse(""),
                "Give http or https URLs without query and fragment.")
            .demand(
                nonces.isEmpty(),
                "dpop.nonce-secret-file",
                nonces.orElse("") + ".",
                "Name a readable file of 32 to 4096 bytes, the same on all replicas.")
            .unfit());
    broken.addAll(Recorder.unfit(recording));
    return broken;
  }
}
