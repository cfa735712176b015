package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class IssuerMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final SteppedClock clock = new SteppedClock();
  private final IssuerMeters meters =
      new IssuerMeters(registry, Settings.defaults(IssuerSettings.class), clock);
  private final Issuers.Keys github = new Issuers.Keys();
  private final Issuers.Keys sso = new Issuers.Keys();

  @Test
  void shows_the_state_of_the_keys_at_the_moment_of_the_scrape() {
    meters.follow(List.of(Issuers.named("github", github)));
    github.status =
        new KeySetStatus(
            Freshness.STALE,
            3,
            clock.instant(),
            7,
            2,
            new ClockOffset(Duration.ofMillis(-1_500), Duration.ofMillis(510), Duration.ZERO),
            "connection refused");
    clock.advance(Duration.ofSeconds(90));

    assertThat(gauge(BrokerMeter.ISSUER_KEYS.id(), "github")).isEqualTo(3);
    assertThat(gauge(BrokerMeter.ISSUER_KEYS_AGE.id(), "github")).isEqualTo(90);
    assertThat(gauge(BrokerMeter.ISSUER_CLOCK_OFFSET.id(), "github")).isEqualTo(-1.5);
    assertThat(counter(BrokerMeter.ISSUER_FETCHES.id(), "github")).isEqualTo(7);
    assertThat(failures("github", RefusalReason.KEYS_UNREACHABLE)).isEqualTo(2);
    assertThat(failures("github", RefusalReason.KEYS_INVALID)).isZero();
    assertThat(registry.find(BrokerMeter.ISSUER_FETCH_FAILURES.id()).functionCounters())
        .hasSameSizeAs(KeySetSource.failureReasons());
    assertThat(freshness("github", "stale")).isEqualTo(1);
    assertThat(freshness("github", "fresh")).isZero();
  }

  @Test
  void shows_nothing_where_nothing_is_known() {
    meters.follow(List.of(Issuers.named("github", github)));
    assertThat(gauge(BrokerMeter.ISSUER_KEYS_AGE.id(), "github")).isNaN();
    assertThat(gauge(BrokerMeter.ISSUER_CLOCK_OFFSET.id(), "github")).isNaN();
    assertThat(freshness("github", "absent")).isEqualTo(1);
  }

  @Test
  void an_issuer_that_leaves_the_federation_takes_its_meters_along() {
    meters.follow(List.of(Issuers.named("github", github), Issuers.named("sso", sso)));
    meters.follow(List.of(Issuers.named("sso", sso)));

    assertThat(registry.find(BrokerMeter.ISSUER_KEYS.id()).gauges()).hasSize(1);
    assertThat(registry.getMeters())
        .allSatisfy(meter -> assertThat(meter.getId().getTag("issuer")).isEqualTo("sso"));

    meters.follow(List.of());
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void following_the_same_issuers_again_changes_nothing() {
    meters.follow(List.of(Issuers.named("github", github)));
    List<io.micrometer.core.instrument.Meter> before = registry.getMeters();
    meters.follow(List.of(Issuers.named("github", github)));
    assertThat(registry.getMeters()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void an_issuer_whose_keys_come_from_elsewhere_now_is_read_there() {
    meters.follow(List.of(Issuers.named("github", github)));
    Issuers.Keys moved = new Issuers.Keys();
    moved.status = new KeySetStatus(Freshness.FIXED, 5, null, 0, 0, null, null);
    meters.follow(List.of(Issuers.named("github", moved)));
    assertThat(gauge(BrokerMeter.ISSUER_KEYS.id(), "github")).isEqualTo(5);
  }

  @Test
  void relates_fetches_to_what_the_upstream_bound_allows() {
    github.status = fetches(40);
    meters.follow(List.of(Issuers.named("github", github)));
    assertThat(gauge(BrokerMeter.ISSUER_FETCH_BOUND_RATIO.id(), "github")).isZero();

    // 2 + 600 s / 30 s + 600 s / 300 s = 24
    clock.advance(Duration.ofMinutes(10));
    github.status = fetches(40 + 6);
    assertThat(gauge(BrokerMeter.ISSUER_FETCH_BOUND_RATIO.id(), "github"))
        .isEqualTo(0.25, within(1e-9));
  }

  @Test
  void the_bound_is_of_fetches_other_than_probes() {
    github.status = fetches(40);
    github.probeFetches = 4;
    meters.follow(List.of(Issuers.named("github", github)));
    clock.advance(Duration.ofMinutes(10));

    github.status = fetches(40 + 6 + 4);
    github.probeFetches = 8;

    assertThat(gauge(BrokerMeter.ISSUER_FETCH_BOUND_RATIO.id(), "github"))
        .isEqualTo(0.25, within(1e-9));
  }

  @Test
  void the_bound_does_not_heed_a_time_of_day_that_jumps() {
    github.status = fetches(0);
    meters.follow(List.of(Issuers.named("github", github)));
    clock.advance(Duration.ofMinutes(10));
    github.status = fetches(6);

    clock.jump(Duration.ofHours(-1));
    assertThat(gauge(BrokerMeter.ISSUER_FETCH_BOUND_RATIO.id(), "github"))
        .isEqualTo(0.25, within(1e-9));
    clock.jump(Duration.ofDays(1));
    assertThat(gauge(BrokerMeter.ISSUER_FETCH_BOUND_RATIO.id(), "github"))
        .isEqualTo(0.25, within(1e-9));
  }

  private KeySetStatus fetches(long count) {
    return new KeySetStatus(Freshness.FRESH, 1, clock.instant(), count, 0, null, null);
  }

  private double failures(String issuer, RefusalReason reason) {
    return registry
        .get(BrokerMeter.ISSUER_FETCH_FAILURES.id())
        .tag("issuer", issuer)
        .tag("reason", reason.name())
        .functionCounter()
        .count();
  }

  private double gauge(String name, String issuer) {
    return registry.get(name).tag("issuer", issuer).gauge().value();
  }

  private double counter(String name, String issuer) {
    return registry.get(name).tag("issuer", issuer).functionCounter().count();
  }

  private double freshness(String issuer, String freshness) {
    return registry
        .get(BrokerMeter.ISSUER_KEYS_FRESHNESS.id())
        .tags("issuer", issuer, "freshness", freshness)
        .gauge()
        .value();
  }
}
