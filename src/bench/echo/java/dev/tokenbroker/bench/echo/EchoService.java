package dev.tokenbroker.bench.echo;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/**
 * Answers {@code ExchangeToken} with a piece of the credential in place of a token, on the event
 * loop: the broker's messages in the broker's sizes and nothing behind them.
 */
@GrpcService
public class EchoService extends TokenBrokerGrpc.TokenBrokerImplBase {

  private static final int TOKEN_CHARS = 600;
  private static final long TOKEN_SECONDS = 600;

  @Override
  public void exchangeToken(
      ExchangeTokenRequest request, StreamObserver<ExchangeTokenResponse> answer) {
    String credential = request.getSubjectToken();
    long now = System.currentTimeMillis() / 1_000;
    answer.onNext(
        ExchangeTokenResponse.newBuilder()
            .setAccessToken(credential.substring(0, Math.min(TOKEN_CHARS, credential.length())))
            .setTokenType("Bearer")
            .setIssuedTokenType("urn:ietf:params:oauth:token-type:access_token")
            .setExpireTime(Timestamp.newBuilder().setSeconds(now + TOKEN_SECONDS))
            .setRefreshTime(Timestamp.newBuilder().setSeconds(now + TOKEN_SECONDS / 2))
            .addScopes("deploy")
            .addScopes("read")
            .setVerdictId("0123456789abcdef0123456789abcdef")
            .build());
    answer.onCompleted();
  }
}
