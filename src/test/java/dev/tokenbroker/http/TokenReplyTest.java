package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.grpc.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenReplyTest {

  private static final CallerKeys NO_KEYS =
      new CallerKeys(
          () -> {
            throw new AssertionError("no proof is sent here");
          },
          () -> {
            throw new AssertionError("no proof is sent here");
          });

  private final Vertx vertx = Vertx.vertx();
  private final EventLoops loops = new EventLoops();

  @AfterEach
  void stop() throws Exception {
    wait(vertx.close());
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void tells_any_thread_that_its_client_has_gone_away(HttpVersion version) throws Exception {
    CompletableFuture<TokenReply> come = new CompletableFuture<>();
    HttpServer server =
        wait(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> come.complete(new TokenReply(request, loops.wayBack(), NO_KEYS)))
                .listen(0, "127.0.0.1"));
    HttpClientRequest request =
        wait(
            vertx
                .createHttpClient(
                    new HttpClientOptions()
                        .setProtocolVersion(version)
                        .setHttp2ClearTextUpgrade(false))
                .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", TokenRoute.PATH));
    wait(request.end());
    BooleanSupplier gone = come.get(1, TimeUnit.MINUTES).home().gone();
    assertThat(gone.getAsBoolean()).isFalse();

    assertThat(request.reset()).isTrue();

    assertThat(Eventually.see(gone::getAsBoolean, seen -> seen)).isTrue();
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }
}
