package dev.tokenbroker.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Keeps out of spans what callers chose of a request's first line: some put credentials there,
 * though the broker takes none from it, and the framework would hand them to whoever reads traces.
 * Which path was asked for, the route says, and the name of the span.
 *
 * <p>By another value, since a span lets none of its attributes be taken away.
 */
@Singleton
final class RedactedSpans implements SpanProcessor {

  /** As the semantic conventions for URLs in spans have it. */
  private static final String REDACTED = "REDACTED";

  private static final List<AttributeKey<String>> CHOSEN_BY_CALLERS =
      List.of(
          AttributeKey.stringKey("url.path"),
          AttributeKey.stringKey("url.query"),
          AttributeKey.stringKey("http.request.method_original"));

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    for (AttributeKey<String> key : CHOSEN_BY_CALLERS) {
      if (span.getAttribute(key) != null) {
        span.setAttribute(key, REDACTED);
      }
    }
  }

  @Override
  public boolean isStartRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {}

  @Override
  public boolean isEndRequired() {
    return false;
  }
}
