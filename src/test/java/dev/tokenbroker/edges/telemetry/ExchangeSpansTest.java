package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExchangeSpansTest {

  private final Kept kept = new Kept();

  @Test
  void puts_a_span_for_each_step_that_was_taken_under_the_call() {
    Refusal refusal =
        Refusal.of(RefusalReason.AUDIENCE_MISMATCH).expected("secret-a").seen("secret-b");
    inCall(
        Sampler.alwaysOn(),
        spans -> spans.ended(Records.refusedFor("github", "secret-c", refusal)));

    SpanData call = kept.spans.getLast();
    List<SpanData> steps = kept.spans.stream().filter(span -> !span.equals(call)).toList();
    assertThat(steps)
        .extracting(SpanData::getName)
        .containsExactly(
            "exchange request",
            "exchange admission",
            "exchange format",
            "exchange issuer",
            "exchange algorithm",
            "exchange key",
            "exchange signature",
            "exchange time",
            "exchange audience");
    assertThat(steps)
        .allSatisfy(step -> assertThat(step.getParentSpanId()).isEqualTo(call.getSpanId()));
    assertThat(steps.getLast().getAttributes().get(ExchangeSpans.REASON))
        .isEqualTo("AUDIENCE_MISMATCH");
    assertThat(steps.getFirst().getAttributes().get(ExchangeSpans.REASON)).isNull();
    assertThat(call.getAttributes().get(ExchangeSpans.VERDICT_ID))
        .isEqualTo("fedcba9876543210fedcba9876543210");
    assertThat(kept.spans.toString()).doesNotContain("secret");
  }

  @Test
  void steps_follow_each_other_from_the_time_of_the_evaluation() {
    inCall(Sampler.alwaysOn(), spans -> spans.ended(Records.accepted(Intent.EXCHANGE)));

    long at = TimeUnit.MILLISECONDS.toNanos(Records.TIME.toEpochMilli());
    SpanData call = kept.spans.getLast();
    List<SpanData> steps = kept.spans.stream().filter(span -> !span.equals(call)).toList();
    assertThat(steps)
        .hasSize(Step.all().size() - 3); // all but the client's, the proof's and the cache's
    for (SpanData step : steps) {
      assertThat(step.getStartEpochNanos()).isEqualTo(at);
      at += Records.STEP_NANOS;
      assertThat(step.getEndEpochNanos()).isEqualTo(at);
    }
  }

  @Test
  void shows_of_a_call_whose_steps_another_took_none_but_its_proof() {
    for (ExchangeRecord shared : List.of(Records.joined(), Records.hit())) {
      kept.spans.clear();
      inCall(Sampler.alwaysOn(), spans -> spans.ended(shared));
      assertThat(kept.spans).extracting(SpanData::getName).containsExactly("call");

      kept.spans.clear();
      inCall(Sampler.alwaysOn(), spans -> spans.ended(Records.proved(shared)));
      assertThat(kept.spans)
          .extracting(SpanData::getName)
          .containsExactly("exchange proof", "call");
    }
  }

  @Test
  void makes_nothing_for_a_call_that_is_not_sampled() {
    inCall(Sampler.alwaysOff(), spans -> spans.ended(Records.accepted(Intent.EXCHANGE)));
    assertThat(kept.spans).isEmpty();
  }

  @Test
  void makes_nothing_outside_of_a_call() {
    try (SdkTracerProvider provider = provider(Sampler.alwaysOn())) {
      new ExchangeSpans(provider.get("test")).ended(Records.accepted(Intent.EXCHANGE));
    }
    assertThat(kept.spans).isEmpty();
  }

  private void inCall(Sampler sampler, java.util.function.Consumer<ExchangeSpans> observed) {
    try (SdkTracerProvider provider = provider(sampler)) {
      Span call = provider.get("test").spanBuilder("call").startSpan();
      try (Scope scope = call.makeCurrent()) {
        assertThat(scope).isNotNull();
        observed.accept(new ExchangeSpans(provider.get("test")));
      }
      call.end();
    }
  }

  private SdkTracerProvider provider(Sampler sampler) {
    return SdkTracerProvider.builder()
        .setSampler(sampler)
        .addSpanProcessor(SimpleSpanProcessor.create(kept))
        .build();
  }

  private static final class Kept implements SpanExporter {
    private final List<SpanData> spans = new ArrayList<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> ended) {
      spans.addAll(ended);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
