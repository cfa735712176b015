package dev.tokenbroker.edge;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.concurrent.Executor;

/** Carries the trace of a call to the thread that ends the call. */
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
}
