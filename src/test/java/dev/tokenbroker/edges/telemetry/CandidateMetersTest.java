package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.operate.candidate.Candidate.CandidateCases;
import dev.tokenbroker.operate.candidate.Candidate.CandidateStatus;
import dev.tokenbroker.operate.candidate.ComparisonCounts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CandidateMetersTest {

  private static final CandidateCases NO_CASES = new CandidateCases(0, 0, List.of());
  private static final CandidateStatus BAD =
      new CandidateStatus(
          null, null, List.of(new Problem("a.yaml", 1, "wrong", "Mend it.")), List.of(), NO_CASES);
  private static final CandidateStatus GOOD =
      new CandidateStatus(
          new Federation(
              "c".repeat(64),
              TrustedIssuers.of(List.of()),
              RegisteredClients.NONE,
              Policy.of(List.of(), List.of()),
              Map.of(),
              Records.TIME,
              List.of(),
              FormerIssuers.NONE),
          null,
          List.of(),
          List.of(),
          NO_CASES);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicReference<CandidateStatus> status = new AtomicReference<>(BAD);
  private final CandidateMeters meters =
      new CandidateMeters(registry, status::get, new ComparisonCounts());

  @Test
  void shows_the_revision_of_the_candidate_while_there_is_one() {
    meters.follow();
    assertThat(registry.find(BrokerMeter.CANDIDATE_INFO.id()).gauges()).isEmpty();
    assertThat(registry.get(BrokerMeter.CANDIDATE_PROBLEMS.id()).gauge().value()).isEqualTo(1);

    status.set(GOOD);
    meters.follow();
    assertThat(
            registry
                .get(BrokerMeter.CANDIDATE_INFO.id())
                .tag(MeterLabels.REVISION, "c".repeat(12))
                .gauge()
                .value())
        .isEqualTo(1);
    assertThat(registry.get(BrokerMeter.CANDIDATE_PROBLEMS.id()).gauge().value()).isZero();

    status.set(BAD);
    meters.follow();
    assertThat(registry.find(BrokerMeter.CANDIDATE_INFO.id()).gauges()).isEmpty();
  }

  @Test
  void has_a_counter_for_each_change_and_each_cause() {
    assertThat(registry.get(BrokerMeter.CANDIDATE_EXCHANGES.id()).functionCounters())
        .extracting(counter -> counter.getId().getTag(MeterLabels.CHANGE))
        .containsExactlyInAnyOrder(
            "unchanged", "newly-refused", "newly-accepted", "other-rule", "other-grant");
    assertThat(registry.get(BrokerMeter.CANDIDATE_SKIPPED.id()).functionCounters())
        .extracting(counter -> counter.getId().getTag(MeterLabels.CAUSE))
        .containsExactlyInAnyOrder("queue-full", "not-judged", "other-revision", "failed");
  }
}
