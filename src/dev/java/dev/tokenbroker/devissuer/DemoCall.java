package dev.tokenbroker.devissuer;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Verdict;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One exchange with the broker's response, and the verdict on the same request. */
record DemoCall(
    int port, ExchangeTokenRequest request, DemoAnswer answer, DemoJudgement judgement) {

  /** The response of {@code ExchangeToken}. */
  sealed interface DemoAnswer {}

  record Issued(ExchangeTokenResponse response) implements DemoAnswer {}

  record DemoRefused(StatusRuntimeException status) implements DemoAnswer {

    static final Metadata.Key<String> PUSHBACK =
        Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    /** The milliseconds to wait before a retry; negative for no retry, empty if nothing is said. */
    OptionalLong pushback() {
      @Nullable String millis = pushback(status);
      return millis == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(millis));
    }

    /** The same as text; null if nothing is said. */
    static @Nullable String pushback(StatusRuntimeException status) {
      @Nullable Metadata trailers = status.getTrailers();
      return trailers == null ? null : trailers.get(PUSHBACK);
    }
  }

  /** The response of {@code ExplainExchange}. */
  sealed interface DemoJudgement {}

  record Explained(Verdict verdict) implements DemoJudgement {}

  record Unexplained(StatusRuntimeException status) implements DemoJudgement {}
}
