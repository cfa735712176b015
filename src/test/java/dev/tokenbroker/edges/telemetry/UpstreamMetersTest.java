package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenbroker.base.refusal.RefusalReason;
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

    assertThat(gauge(BrokerMeter.UPSTREAM_BUDGET_TOKENS.id())).isEqualTo(2.5);
    assertThat(gauge(BrokerMeter.UPSTREAM_IN_FLIGHT.id())).isEqualTo(7);
    assertThat(gauge(BrokerMeter.UPSTREAM_IN_FLIGHT_LIMIT.id())).isEqualTo(32);
    assertThat(counter(BrokerMeter.UPSTREAM_ATTEMPTS.id())).isEqualTo(100);
    assertThat(counter(BrokerMeter.UPSTREAM_NEEDED.id())).isEqualTo(92);
    assertThat(counter(BrokerMeter.UPSTREAM_PROBES.id())).isEqualTo(2);
    assertThat(counter(BrokerMeter.UPSTREAM_RETRIES.id())).isEqualTo(8);
    assertThat(counter(BrokerMeter.UPSTREAM_SUCCESSES.id())).isEqualTo(60);
    assertThat(counter(BrokerMeter.UPSTREAM_IDLE_PROBES.id())).isEqualTo(3);
    assertThat(counter(BrokerMeter.UPSTREAM_IDLE_PROBE_FAILURES.id())).isEqualTo(1);
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
    assertThat(registry.find(BrokerMeter.UPSTREAM_FAILURES.id()).functionCounters())
        .hasSameSizeAs(Upstream.failureReasons());
  }

  @Test
  void relates_attempts_to_what_the_bound_allows() {
    guards.put("sso", Guards.troubled());
    meters.follow(upstreams("sso"));

    // 100 attempts, allowed are 92 + 5 + 6
    assertThat(gauge(BrokerMeter.UPSTREAM_BOUND_RATIO.id())).isEqualTo(100.0 / 103, within(1e-9));
    assertThat(gauge(BrokerMeter.UPSTREAM_BOUND_HEADROOM.id())).isEqualTo(3, within(1e-9));
    assertThat(gauge(BrokerMeter.UPSTREAM_ATTEMPTS_PER_NEEDED.id()))
        .isEqualTo(100.0 / 92, within(1e-9));
  }

  @Test
  void shows_no_attempts_per_needed_before_there_are_any() {
    guards.put("sso", Guards.idle());
    meters.follow(upstreams("sso"));
    assertThat(gauge(BrokerMeter.UPSTREAM_ATTEMPTS_PER_NEEDED.id())).isNaN();
    assertThat(gauge(BrokerMeter.UPSTREAM_BOUND_RATIO.id())).isZero();
  }

  @Test
  void shows_one_for_the_circuit_state_and_zero_for_the_others() {
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
  void an_upstream_that_leaves_the_federation_removes_its_meters() {
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
  void reads_a_redeclared_upstream_at_its_new_guard() {
    meters.follow(Map.of("sso", Guards.numbers(Guards::troubled)));
    meters.follow(Map.of("sso", Guards.numbers(Guards::idle)));
    assertThat(counter(BrokerMeter.UPSTREAM_ATTEMPTS.id())).isZero();
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
        .get(BrokerMeter.UPSTREAM_FAILURES.id())
        .tags("upstream", "sso", "reason", reason.name())
        .functionCounter()
        .count();
  }

  private double circuit(String state) {
    return registry
        .get(BrokerMeter.UPSTREAM_CIRCUIT_STATE.id())
        .tags("upstream", "sso", "state", state)
        .gauge()
        .value();
  }

  private double rejections(String why) {
    return registry
        .get(BrokerMeter.UPSTREAM_REJECTIONS.id())
        .tags("upstream", "sso", "why", why)
        .functionCounter()
        .count();
  }
}
