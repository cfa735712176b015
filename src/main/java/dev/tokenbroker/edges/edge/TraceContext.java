package dev.tokenbroker.edges.edge;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.concurrent.Executor;

/** Keeps tasks in the trace of their call, and names its span. */
public final class TraceContext {

  private TraceContext() {}

  /**
   * An executor that runs each task at once in its calling thread, in the trace of the current call
   * if that trace is recorded.
   */
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

  /** Names the span of the current call by its route, as OpenTelemetry prescribes for HTTP. */
  public static void route(String method, String path) {
    Span span = Span.current();
    span.updateName(method + " " + path);
    span.setAttribute("http.route", path);
  }
}
