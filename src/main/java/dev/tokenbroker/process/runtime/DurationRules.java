package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.issue.sts.UpstreamTokenSettings;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeyTimes;
import dev.tokenbroker.operate.changes.PeerProbes;
import dev.tokenbroker.operate.changes.ProbesSettings;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks how long issuers' keys may be valid, upstreams' tokens may live, stopping may take, and
 * how often peers are probed. The broker starts with no other values.
 */
@Singleton
final class DurationRules {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration YEAR = Duration.ofDays(365);

  private final IssuerSettings issuer;
  private final UpstreamTokenSettings upstream;
  private final ShutdownSettings shutdown;
  private final ProbesSettings probes;

  DurationRules(
      IssuerSettings issuer,
      UpstreamTokenSettings upstream,
      ShutdownSettings shutdown,
      ProbesSettings probes) {
    this.issuer = issuer;
    this.upstream = upstream;
    this.shutdown = shutdown;
    this.probes = probes;
  }

  /** The settings with which the broker does not start; empty if it may. */
  List<UnfitSetting> severe() {
    List<UnfitSetting> unfit = new ArrayList<>(KeyTimes.unfit(issuer));
    unfit.addAll(
        new SettingLimits("token-broker.")
            .within("upstream.max-token-lifetime", upstream.maxTokenLifetime(), SECOND, YEAR)
            .within("shutdown.delay", shutdown.delay(), Duration.ZERO, HOUR)
            .within("shutdown.timeout", shutdown.timeout(), Duration.ZERO, HOUR)
            .unfit());
    unfit.addAll(PeerProbes.unfit(probes));
    return unfit;
  }
}
