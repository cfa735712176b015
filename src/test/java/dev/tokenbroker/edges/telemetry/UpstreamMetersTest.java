package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.edges.telemetry.UpstreamMeters.UpstreamNumbers;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.process.runtime.Logged;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class UpstreamMetersTest {

  private static final String BOUND_BY_DEFAULT =
      "Upstream sso: at most needed + 5 + 0.1 x successes exchanges; "
          + "in an outage at most 5 + 32 + 1 every 2 s";

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final GuardSettings settings = Settings.defaults(GuardSettings.class);
  private final UpstreamMeters meters = new UpstreamMeters(registry, settings);
  private final Map<String, PeerStatus> guards = new HashMap<>();

  @RegisterExtension final Logged logged = Logged.by(UpstreamMeters.class);

  @Test
  void shows_how_the_guard_stands_at_the_moment_of_the_scrape() {
    guards.put("sso", Guards.idle());
    meters.follow(upstreams("sso"));
    guards.put("sso", Guards.troubled());

    assertThat(gauge(MeterNames.UPSTREAM_BUDGET_TOKENS)).isEqualTo(2.5);
    assertThat(gauge(MeterNames.UPSTREAM_IN_FLIGHT)).isEqualTo(7);
    assertThat(gauge(MeterNames.UPSTREAM_IN_FLIGHT_LIMIT)).isEqualTo(32);
    assertThat(counter(MeterNames.UPSTREAM_ATTEMPTS)).isEqualTo(100);
    assertThat(counter(MeterNames.UPSTREAM_NEEDED)).isEqualTo(92);
    assertThat(counter(MeterNames.UPSTREAM_PROBES)).isEqualTo(2);
    assertThat(counter(MeterNames.UPSTREAM_RETRIES)).isEqualTo(8);
    assertThat(counter(MeterNames.UPSTREAM_SUCCESSES)).isEqualTo(60);
    assertThat(counter(MeterNames.UPSTREAM_IDLE_PROBES)).isEqualTo(3);
    assertThat(counter(MeterNames.UPSTREAM_IDLE_PROBE_FAILURES)).isEqualTo(1);
  }

  @Test
  void counts_failures_by_reason() {
    meters.follow(
        Map.of(
            "sso",
            new UpstreamNumbers(
                Guards::troubled,
                reason -> reason == RefusalReason.UPSTREAM_TIMED_OUT ? 31 : 0,
                () -> 0,
                () -> 0)));

    assertThat(failures(RefusalReason.UPSTREAM_TIMED_OUT)).isEqualTo(31);
    assertThat(failures(RefusalReason.UPSTREAM_UNREACHABLE)).isZero();
    assertThat(registry.find(MeterNames.UPSTREAM_FAILURES).functionCounters())
        .hasSameSizeAs(Upstream.failureReasons());
  }

  @Test
  void relates_attempts_to_what_the_bound_allows() {
    guards.put("sso", Guards.troubled());
    meters.follow(upstreams("sso"));

    // 100 attempts, allowed are 92 + 5 + 6
    assertThat(gauge(MeterNames.UPSTREAM_BOUND_RATIO)).isEqualTo(100.0 / 103, within(1e-9));
    assertThat(gauge(MeterNames.UPSTREAM_BOUND_HEADROOM)).isEqualTo(3, within(1e-9));
    assertThat(gauge(MeterNames.UPSTREAM_ATTEMPTS_PER_NEEDED)).isEqualTo(100.0 / 92, within(1e-9));
  }

  @Test
  void shows_no_attempts_per_needed_before_there_are_any() {
    guards.put("sso", Guards.idle());
    meters.follow(upstreams("sso"));
    assertThat(gauge(MeterNames.UPSTREAM_ATTEMPTS_PER_NEEDED)).isNaN();
    assertThat(gauge(MeterNames.UPSTREAM_BOUND_RATIO)).isZero();
  }

  @Test
  void shows_one_for_the_state_of_the_circuit_and_zero_for_the_others() {
    guards.put("sso", Guards.troubled());
    meters.follow(upstreams("sso"));
    assertThat(circuit("open")).isEqualTo(1);
    assertThat(circuit("closed")).isZero();
    assertThat(circuit("half_open")).isZero();
  }

  @Test
  void tells_why_the_guard_did_not_let_attempts_through() {
    guards.put("sso", Guards.troubled());
    meters.follow(upstreams("sso"));
    assertThat(rejections("circuit")).isEqualTo(11);
    assertThat(rejections("held")).isEqualTo(3);
    assertThat(rejections("budget")).isEqualTo(4);
    assertThat(rejections("busy")).isEqualTo(1);
  }

  @Test
  void an_upstream_that_leaves_the_federation_takes_its_meters_along() {
    guards.put("sso", Guards.idle());
    guards.put("other", Guards.idle());
    meters.follow(upstreams("sso", "other"));
    meters.follow(upstreams("other"));
    assertThat(registry.getMeters())
        .isNotEmpty()
        .allSatisfy(meter -> assertThat(meter.getId().getTag("upstream")).isEqualTo("other"));

    meters.follow(Map.of());
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void following_the_same_upstreams_again_changes_nothing() {
    guards.put("sso", Guards.idle());
    meters.follow(upstreams("sso"));
    List<Meter> before = registry.getMeters();
    meters.follow(upstreams("sso"));
    assertThat(registry.getMeters()).containsExactlyInAnyOrderElementsOf(before);
    assertThat(logged.texts()).hasSize(1);
  }

  @Test
  void an_upstream_that_is_declared_otherwise_now_is_read_at_its_new_guard() {
    meters.follow(Map.of("sso", Guards.numbers(Guards::troubled)));
    meters.follow(Map.of("sso", Guards.numbers(Guards::idle)));
    assertThat(counter(MeterNames.UPSTREAM_ATTEMPTS)).isZero();
    assertThat(circuit("closed")).isEqualTo(1);
  }

  @Test
  void logs_the_bound_of_a_new_upstream_in_one_line() {
    meters.follow(Map.of("sso", Guards.numbers(Guards::idle)));
    assertThat(logged.texts()).containsExactly(BOUND_BY_DEFAULT);
  }

  private Map<String, UpstreamNumbers> upstreams(String... names) {
    Map<String, UpstreamNumbers> upstreams = new HashMap<>();
    for (String name : names) {
      upstreams.put(name, Guards.numbers(() -> Objects.requireNonNull(guards.get(name))));
    }
    return upstreams;
  }

  private double gauge(String meter) {
    return registry.get(meter).tag("upstream", "sso").gauge().value();
  }

  private double counter(String meter) {
    return registry.get(meter).tag("upstream", "sso").functionCounter().count();
  }

  private double failures(RefusalReason reason) {
    return registry
        .get(MeterNames.UPSTREAM_FAILURES)
        .tags("upstream", "sso", "reason", reason.name())
        .functionCounter()
        .count();
  }

  private double circuit(String state) {
    return registry
        .get(MeterNames.UPSTREAM_CIRCUIT_STATE)
        .tags("upstream", "sso", "state", state)
        .gauge()
        .value();
  }

  private double rejections(String why) {
    return registry
        .get(MeterNames.UPSTREAM_REJECTIONS)
        .tags("upstream", "sso", "why", why)
        .functionCounter()
        .count();
  }
}
