package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.quarkus.opentelemetry.runtime.config.runtime.OTelRuntimeConfig;
import io.quarkus.opentelemetry.runtime.tracing.instrumentation.grpc.GrpcTracingServerInterceptor;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Which requests see the span of a call, with Quarkus' own interceptor. */
class TracedCallsTest {

  @AutoClose private final SdkTracerProvider provider = SdkTracerProvider.builder().build();
  private final TracedCalls calls =
      new TracedCalls(
          new GrpcTracingServerInterceptor(
              OpenTelemetrySdk.builder().setTracerProvider(provider).build(),
              new SmallRyeConfigBuilder()
                  .withMapping(OTelRuntimeConfig.class)
                  .withConverter(Duration.class, 100, new DurationConverter())
                  .build()
                  .getConfigMapping(OTelRuntimeConfig.class)));

  private @Nullable ServerCall<ExchangeTokenRequest, ExchangeTokenResponse> traced;
  private Span halfClosed = Span.getInvalid();

  @Test
  void see_it_in_their_own_callbacks_only() {
    ServerCall.Listener<ExchangeTokenRequest> first = begin();
    assertThat(current()).as("after its begin").isFalse();

    first.onHalfClose();
    assertThat(halfClosed.getSpanContext().isValid()).isTrue();
    assertThat(current()).as("after its callback").isFalse();

    Span ended = halfClosed;
    begin().onHalfClose();
    assertThat(halfClosed.getSpanContext().getTraceId())
        .as("trace of the next call on this thread")
        .isNotEqualTo(ended.getSpanContext().getTraceId());
  }

  @Test
  void leave_the_thread_without_it_whichever_thread_ends_the_call() throws InterruptedException {
    begin().onHalfClose();
    Thread.ofVirtual().start(this::end).join();
    assertThat(current()).as("ended by another thread").isFalse();

    begin().onHalfClose();
    end();
    assertThat(current()).as("ended by this thread").isFalse();
  }

  private ServerCall.Listener<ExchangeTokenRequest> begin() {
    return calls.interceptCall(
        new OpenCallsTest.FakeCall(),
        new Metadata(),
        (call, _) -> {
          traced = call;
          return new ServerCall.Listener<>() {
            @Override
            public void onHalfClose() {
              halfClosed = Span.current();
            }
          };
        });
  }

  private void end() {
    if (traced != null) {
      traced.close(Status.OK, new Metadata());
    }
  }

  private static boolean current() {
    return Span.current().getSpanContext().isValid();
  }
}
