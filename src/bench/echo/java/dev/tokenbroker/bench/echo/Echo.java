package dev.tokenbroker.bench.echo;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Answers {@code ExchangeToken} with a piece of the credential in place of a token, on the event
 * loop: the broker's gRPC server and messages in the broker's sizes, and nothing behind them.
 * Started with the port as its argument. Quarkus packs it and does nothing else.
 */
@QuarkusMain
public final class Echo implements TokenBrokerGrpc.AsyncService {

  private static final int TOKEN_CHARS = 600;
  private static final long TOKEN_SECONDS = 600;
  private static final int MAX_MESSAGE_BYTES = 256 * 1024;
  private static final int MAX_METADATA_BYTES = 32 * 1024;
  private static final int MAX_CALLS_PER_CONNECTION = 1_000;

  private Echo() {}

  /** As the broker builds its server: {@code grpc.GrpcTransport}. */
  public static void main(String... args) throws IOException, InterruptedException {
    EventLoopGroup loops = new NioEventLoopGroup(Runtime.getRuntime().availableProcessors());
    NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])))
        .channelType(NioServerSocketChannel.class)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .directExecutor()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
        .addService(TokenBrokerGrpc.bindService(new Echo()))
        .build()
        .start()
        .awaitTermination();
  }

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
