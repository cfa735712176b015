package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExchangeMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ExchangeMeters meters = new ExchangeMeters(registry);

  @Test
  void times_an_exchange_by_intent_and_outcome() {
    meters.ended(Records.accepted(Intent.EXCHANGE));
    meters.ended(Records.accepted(Intent.EXPLAIN));
    meters.ended(Records.refusedEarly(RefusalReason.REQUEST_INVALID));

    assertThat(exchanges("exchange", "accepted").totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo(1_234_567);
    assertThat(exchanges("explain", "accepted").count()).isEqualTo(1);
    assertThat(exchanges("exchange", "refused").count()).isEqualTo(1);
    assertThat(exchanges("explain", "refused").count()).isZero();
  }

  @Test
  void has_buckets_from_a_quarter_of_a_millisecond_to_ten_seconds() {
    var buckets = exchanges("exchange", "accepted").takeSnapshot().histogramCounts();
    assertThat(buckets[0].bucket(TimeUnit.MICROSECONDS)).isEqualTo(250);
    assertThat(buckets[buckets.length - 1].bucket(TimeUnit.SECONDS)).isEqualTo(10);
  }

  @Test
  void times_the_steps_that_were_taken_and_no_others() {
    meters.ended(refused("github", RefusalReason.AUDIENCE_MISMATCH));

    assertThat(steps("signature", "passed").count()).isEqualTo(1);
    assertThat(steps("signature", "passed").totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo(Records.STEP_NANOS);
    assertThat(steps("audience", "failed").count()).isEqualTo(1);
    assertThat(steps("audience", "passed").count()).isZero();
    assertThat(steps("rule", "passed").count()).isZero();
  }

  @Test
  void counts_and_times_a_hit_but_no_step_of_another_evaluation() {
    meters.ended(Records.hit());

    assertThat(exchanges("exchange", "accepted").count()).isEqualTo(1);
    assertThat(tokensIssued().count()).isEqualTo(1);
    assertThat(registry.get(BrokerMeter.EXCHANGE_STEP.id()).timers())
        .allSatisfy(timer -> assertThat(timer.count()).isZero());
  }

  @Test
  void counts_and_times_each_sharing_caller_but_the_steps_once() {
    meters.ended(Records.accepted(Intent.EXCHANGE));
    meters.ended(Records.joined());
    meters.ended(Records.joined());

    assertThat(exchanges("exchange", "accepted").count()).isEqualTo(3);
    assertThat(tokensIssued().count()).isEqualTo(3);
    assertThat(steps("mint", "passed").count()).isEqualTo(1);
    assertThat(steps("signature", "passed").count()).isEqualTo(1);
  }

  @Test
  void times_the_proof_of_each_request_even_if_the_rest_is_shared() {
    meters.ended(Records.proved(Records.accepted(Intent.EXCHANGE)));
    meters.ended(Records.proved(Records.joined()));
    meters.ended(Records.proved(Records.hit()));

    assertThat(steps("proof", "passed").count()).isEqualTo(3);
    assertThat(steps("mint", "passed").count()).isEqualTo(1);
    assertThat(steps("request", "passed").count()).isEqualTo(1);
  }

  @Test
  void counts_a_refusal_that_was_held_and_times_none_of_its_steps() {
    meters.ended(Records.negativeHit());

    assertThat(exchanges("exchange", "refused").count()).isEqualTo(1);
    assertThat(refusals("UPSTREAM_NOT_PERMITTED", "github").count()).isEqualTo(1);
    assertThat(registry.get(BrokerMeter.EXCHANGE_STEP.id()).timers())
        .allSatisfy(timer -> assertThat(timer.count()).isZero());
  }

  @Test
  void times_a_refresh_and_counts_no_token_for_it() {
    meters.ended(Records.accepted(Intent.REFRESH));

    assertThat(exchanges("refresh", "accepted").count()).isEqualTo(1);
    assertThat(steps("signature", "passed").count()).isEqualTo(1);
    assertThat(registry.find(BrokerMeter.TOKENS_ISSUED.id()).counters()).isEmpty();
  }

  @Test
  void has_no_timer_for_the_step_that_is_never_timed() {
    assertThat(registry.find(BrokerMeter.EXCHANGE_STEP.id()).tag("step", "cache").timers())
        .isEmpty();
  }

  @Test
  void counts_refusals_by_reason_and_issuer() {
    meters.ended(refused("github", RefusalReason.AUDIENCE_MISMATCH));
    meters.ended(refused("github", RefusalReason.AUDIENCE_MISMATCH));
    meters.ended(refused("sso", RefusalReason.AUDIENCE_MISMATCH));

    assertThat(refusals("AUDIENCE_MISMATCH", "github").count()).isEqualTo(2);
    assertThat(refusals("AUDIENCE_MISMATCH", "sso").count()).isEqualTo(1);
  }

  @Test
  void counts_refusals_with_fault_and_upstream_of_the_target() {
    meters.ended(Records.refusedAtUpstream(RefusalReason.UPSTREAM_CLIENT_REFUSED));
    meters.ended(refused("github", RefusalReason.AUDIENCE_MISMATCH));

    assertThat(refusals("UPSTREAM_CLIENT_REFUSED", "github").getId().getTags())
        .contains(Tag.of("upstream", "corp-sso"), Tag.of("fault", "operator"));
    assertThat(refusals("AUDIENCE_MISMATCH", "github").getId().getTags())
        .contains(Tag.of("upstream", "none"), Tag.of("fault", "caller"));
  }

  @Test
  void counts_a_refusal_before_an_issuer_is_known_under_none() {
    meters.ended(Records.refusedEarly(RefusalReason.CREDENTIAL_MALFORMED));
    assertThat(refusals("CREDENTIAL_MALFORMED", "none").count()).isEqualTo(1);
  }

  @Test
  void counts_issued_tokens_but_not_explanations() {
    meters.ended(Records.accepted(Intent.EXCHANGE));
    meters.ended(Records.accepted(Intent.EXPLAIN));

    assertThat(tokensIssued().count()).isEqualTo(1);
  }

  @Test
  void limits_the_number_of_meters_whatever_the_revisions() {
    for (int revision = 0; revision < BoundedCounters.MAX_COUNTERS + 500; revision++) {
      meters.ended(refused("issuer-" + revision, RefusalReason.AUDIENCE_MISMATCH));
    }
    assertThat(registry.find(BrokerMeter.REFUSALS.id()).counters())
        .hasSize(BoundedCounters.MAX_COUNTERS + 1);
    assertThat(refusals("AUDIENCE_MISMATCH", "other").count()).isEqualTo(500);
    assertThat(refusals("AUDIENCE_MISMATCH", "issuer-0").count()).isEqualTo(1);
  }

  private static dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord refused(
      String issuer, RefusalReason reason) {
    return Records.refusedFor(issuer, "subject", Refusal.of(reason));
  }

  private Timer exchanges(String intent, String outcome) {
    return registry
        .get(BrokerMeter.EXCHANGE.id())
        .tags("intent", intent, "outcome", outcome)
        .timer();
  }

  private Timer steps(String step, String result) {
    return registry
        .get(BrokerMeter.EXCHANGE_STEP.id())
        .tags("step", step, "result", result)
        .timer();
  }

  private Counter tokensIssued() {
    return registry
        .get(BrokerMeter.TOKENS_ISSUED.id())
        .tags("issuer", "github", "target", "payments-api")
        .counter();
  }

  private Counter refusals(String reason, String issuer) {
    return registry
        .get(BrokerMeter.REFUSALS.id())
        .tags("intent", "exchange", "reason", reason, "issuer", issuer)
        .counter();
  }
}
