package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.PublicAddresses;
import dev.tokenbroker.exchange.TestExchangeSettings;
import dev.tokenbroker.possession.Nonces;
import dev.tokenbroker.upstream.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Grpc;
import io.grpc.ServerInterceptors;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServiceBridge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gRPC server below passes on of the handshake; over real sockets. */
class CallerCertificateTest {

  private final TestTls authority = TestTls.generate();
  private final Vertx vertx = Vertx.vertx();

  @TempDir Path directory;

  private int port;

  @BeforeEach
  void listen() throws Exception {
    authority.writePair(directory, "server", "localhost");
    authority.writePair(directory, "caller", "caller.example");
    authority.writeRoot(directory);
    GrpcServer grpc = GrpcServer.server(vertx);
    GrpcServiceBridge.bridge(
            ServerInterceptors.intercept(
                new Teller(),
                new CallerInterceptor(
                    new TestExchangeSettings(),
                    CallerCertificateTest::noAddresses,
                    CallerCertificateTest::noNonces)))
        .bind(grpc);
    HttpServerOptions options =
        new HttpServerOptions()
            .setPort(0)
            .setSsl(true)
            .setUseAlpn(true)
            .setClientAuth(ClientAuth.REQUEST)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .setCertPath(directory.resolve("server.crt").toString())
                    .setKeyPath(directory.resolve("server.key").toString()))
            .setTrustOptions(
                new PemTrustOptions().addCertPath(directory.resolve("test-root.pem").toString()));
    port = await(vertx.createHttpServer(options).requestHandler(grpc).listen()).actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static PublicAddresses noAddresses() {
    throw new AssertionError("nobody sends a proof here");
  }

  private static Nonces noNonces() {
    throw new AssertionError("nobody sends a proof here");
  }

  /** Answers with the thumbprint of its caller. */
  private static final class Teller extends TokenBrokerGrpc.TokenBrokerImplBase {
    @Override
    public void exchangeToken(
        ExchangeTokenRequest request, StreamObserver<ExchangeTokenResponse> answer) {
      var certificate = Caller.current().certificate();
      answer.onNext(
          ExchangeTokenResponse.newBuilder()
              .setVerdictId(certificate == null ? "none" : certificate.thumbprint())
              .build());
      answer.onCompleted();
    }
  }

  @Test
  void knows_the_certificate_of_the_connection() throws Exception {
    assertThat(
            ask(
                trusting()
                    .keyManager(
                        directory.resolve("caller.crt").toFile(),
                        directory.resolve("caller.key").toFile())))
        .isEqualTo(TestTls.thumbprint(Files.readString(directory.resolve("caller.crt"))));
  }

  @Test
  void knows_none_of_a_caller_who_sends_none() throws Exception {
    assertThat(ask(trusting())).isEqualTo("none");
  }

  private TlsChannelCredentials.Builder trusting() throws Exception {
    return TlsChannelCredentials.newBuilder()
        .trustManager(directory.resolve("test-root.pem").toFile());
  }

  private String ask(TlsChannelCredentials.Builder credentials) {
    try (BrokerClient client =
        BrokerClient.over(
            Grpc.newChannelBuilderForAddress("localhost", port, credentials.build()).build())) {
      return client.exchange(ExchangeTokenRequest.getDefaultInstance()).granted().getVerdictId();
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
