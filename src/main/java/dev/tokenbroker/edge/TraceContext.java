package dev.tokenbroker.edge;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.concurrent.Executor;

/** The trace of a call. */
public final class TraceContext {

  private TraceContext() {}

  /** Runs tasks in the trace of the current call; at once, and as they are where it has none. */
  public static Executor executor() {
    if (!Span.current().isRecording()) {
      return Runnable::run;
    }
    Context context = Context.current();
    return task -> {
      try (Scope _ = context.makeCurrent()) {
        task.run();
      }
    };
  }

  /** Names the span of the current call by its route, as the semantic conventions for HTTP do. */
  public static void route(String method, String path) {
    Span span = Span.current();
    span.updateName(method + " " + path);
    span.setAttribute("http.route", path);
  }
}
