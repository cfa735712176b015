package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How long a call may take to bring its one message. */
class OpenCallsTest {

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000); // it may overflow
  private final OpenCalls calls = new OpenCalls(new TestClocks(InstantSource.system(), nanos::get));
  private final FakeCall call = new FakeCall();
  private final ServerCall.Listener<ExchangeTokenRequest> listener =
      calls.interceptCall(call, new Metadata(), (_, _) -> new ServerCall.Listener<>() {});

  @Test
  void ends_a_message_that_is_unfinished_after_twenty_seconds() {
    pass(Duration.ofSeconds(20));
    assertThat(call.ended).isNull();

    pass(Duration.ofNanos(1));

    assertThat(call.ended).extracting(Status::getCode).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void leaves_a_finished_one_all_its_time() {
    listener.onHalfClose();

    pass(Duration.ofMinutes(5));

    assertThat(call.ended).isNull();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    calls.endUnfinished();
  }

  /** A call that only takes its end. */
  static final class FakeCall
      extends ForwardingServerCall<ExchangeTokenRequest, ExchangeTokenResponse> {

    private @Nullable Status ended;

    @Override
    protected ServerCall<ExchangeTokenRequest, ExchangeTokenResponse> delegate() {
      throw new AssertionError("not expected");
    }

    @Override
    public void close(Status status, Metadata trailers) {
      ended = status;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }

    @Override
    public String getAuthority() {
      return "broker.example";
    }

    @Override
    public MethodDescriptor<ExchangeTokenRequest, ExchangeTokenResponse> getMethodDescriptor() {
      return TokenBrokerGrpc.getExchangeTokenMethod();
    }
  }
}
