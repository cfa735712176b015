package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.Tracer;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Adds a span under the call's own span for each step that the call took, once the evaluation has
 * ended.
 *
 * <p>The spans use the times that the trail kept. So the steps know nothing of tracing, and a call
 * that is not sampled costs one check. Attributes are names of steps, results and reasons, and the
 * verdict's id. They never hold claims, which every reader of traces would see.
 */
@Singleton
public final class ExchangeSpans implements ExchangeObserver {

  static final AttributeKey<String> VERDICT_ID = AttributeKey.stringKey("tokenbroker.verdict_id");
  static final AttributeKey<String> INTENT = AttributeKey.stringKey("tokenbroker.intent");
  static final AttributeKey<String> STEP = AttributeKey.stringKey("tokenbroker.step");
  static final AttributeKey<String> RESULT = AttributeKey.stringKey("tokenbroker.result");
  static final AttributeKey<String> REASON = AttributeKey.stringKey("tokenbroker.reason");

  private final Tracer tracer;

  public ExchangeSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public void ended(ExchangeRecord record) {
    Span call = Span.current();
    if (!call.isRecording()) {
      return;
    }
    Verdict verdict = record.verdict();
    call.setAttribute(VERDICT_ID, verdict.id());
    call.setAttribute(INTENT, verdict.intent().label());
    RefusalReason reason = verdict.reason();
    if (reason != null) {
      call.setAttribute(REASON, reason.name());
    }
    Instant began = verdict.evaluationTime();
    for (Finding finding : record.ownSteps()) {
      if (finding.result() != Result.SKIPPED) {
        Instant ended = began.plusNanos(finding.nanos());
        span(finding, reason, began).end(ended);
        began = ended;
      }
    }
  }

  private Span span(Finding finding, @Nullable RefusalReason reason, Instant began) {
    SpanBuilder span =
        tracer
            .spanBuilder("exchange " + finding.step().label())
            .setStartTimestamp(began)
            .setAttribute(STEP, finding.step().label())
            .setAttribute(RESULT, finding.result().name().toLowerCase(Locale.ROOT));
    if (finding.result() == Result.FAILED && reason != null) {
      span.setAttribute(REASON, reason.name());
    }
    return span.startSpan();
  }
}
