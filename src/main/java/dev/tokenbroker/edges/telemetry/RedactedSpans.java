package dev.tokenbroker.edges.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Keeps the parts of a request's first line that callers choose out of spans. Some callers put
 * credentials there, though the broker takes none from it, and the framework would show them to
 * every reader of traces. The route and the span's name still show the path.
 *
 * <p>The value is overwritten, since a span does not let its attributes be removed.
 */
@Singleton
final class RedactedSpans implements SpanProcessor {

  /** The value in the semantic conventions for URLs in spans. */
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
