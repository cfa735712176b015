package dev.tokenbroker.edges.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerBlockingStub;
import dev.tokenbroker.v1.Verdict;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A real gRPC client of the broker, as a workload has one, that keeps what came back for the
 * assertions.
 */
public final class BrokerClient implements AutoCloseable {

  /** So long that the broker lets gRPC repeat a call when the time to come back is over. */
  private static final long CALL_SECONDS = 90;

  private final ManagedChannel channel;

  private BrokerClient(ManagedChannel channel) {
    this.channel = channel;
  }

  public static BrokerClient plaintext(int port) {
    return over(ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build());
  }

  public static BrokerClient over(ManagedChannel channel) {
    return new BrokerClient(channel);
  }

  /** What came of one call: the token, or the status with its details. */
  public record Answer(
      @Nullable ExchangeTokenResponse token,
      Status.Code code,
      String description,
      String reason,
      Map<String, String> facts,
      String pushback,
      boolean retryInfo,
      int detailBytes) {

    public ExchangeTokenResponse granted() {
      return Objects.requireNonNull(
          token, () -> code + " " + reason + " " + description + " " + facts);
    }
  }

  /** A request for payments-api with that credential. */
  public static ExchangeTokenRequest exchangeOf(String credential) {
    return exchangeOf("payments-api", credential);
  }

  public static ExchangeTokenRequest exchangeOf(String audience, String credential) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(audience)
        .setSubjectToken(credential)
        .build();
  }

  public ManagedChannel channel() {
    return channel;
  }

  public TokenBrokerBlockingStub stub() {
    return TokenBrokerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  public Answer exchange(ExchangeTokenRequest request) {
    return answer(() -> stub().exchangeToken(request));
  }

  /** A call with those headers, each value on its own. */
  public Answer exchange(ExchangeTokenRequest request, String header, List<String> values) {
    return answer(() -> with(header, values).exchangeToken(request));
  }

  /** The token that must be granted. */
  public String accessToken(ExchangeTokenRequest request) {
    return exchange(request).granted().getAccessToken();
  }

  /** A token for the broker itself with that scope, such as an operator has. */
  public String brokerToken(String credential, String scope) {
    return accessToken(exchangeOf("token-broker", credential).toBuilder().addScopes(scope).build());
  }

  static Answer answer(Supplier<ExchangeTokenResponse> call) {
    try {
      return granted(call.get());
    } catch (StatusRuntimeException refused) {
      return refused(refused);
    }
  }

  /** A stub that sends that header, each value on its own. */
  public TokenBrokerBlockingStub with(String header, List<String> values) {
    return stub().withInterceptors(header(header, values));
  }

  /** Adds that header to calls, each value on its own. */
  public static ClientInterceptor header(String header, List<String> values) {
    Metadata headers = new Metadata();
    values.forEach(
        value -> headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value));
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  public Verdict explain(ExchangeTokenRequest request) {
    return stub().explainExchange(ExplainExchangeRequest.newBuilder().setExchange(request).build());
  }

  public Verdict explainAsOperator(ExchangeTokenRequest request, String token) {
    return with("authorization", List.of("Bearer " + token))
        .explainExchange(ExplainExchangeRequest.newBuilder().setExchange(request).build());
  }

  public static Answer granted(ExchangeTokenResponse response) {
    return new Answer(response, Status.Code.OK, "", "", Map.of(), "", false, 0);
  }

  public static Answer refused(StatusRuntimeException refused) {
    com.google.rpc.Status status = StatusProto.fromThrowable(refused);
    ErrorInfo info = ErrorInfo.getDefaultInstance();
    boolean retryInfo = false;
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        info = detail.is(ErrorInfo.class) ? unpack(detail) : info;
        retryInfo |= detail.is(RetryInfo.class);
      }
    }
    Metadata trailers = refused.getTrailers();
    String pushback = trailers == null ? null : trailers.get(RefusalStatus.PUSHBACK);
    return new Answer(
        null,
        refused.getStatus().getCode(),
        Objects.requireNonNullElse(refused.getStatus().getDescription(), ""),
        info.getReason(),
        info.getMetadataMap(),
        pushback == null ? "" : pushback,
        retryInfo,
        status == null ? 0 : status.getSerializedSize());
  }

  private static ErrorInfo unpack(Any detail) {
    try {
      return detail.unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException broken) {
      throw new AssertionError("the broker sent a broken ErrorInfo", broken);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
