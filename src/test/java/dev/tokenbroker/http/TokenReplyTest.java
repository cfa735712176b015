package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.exchange.Presence;
import dev.tokenbroker.grpc.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
  void tells_that_its_client_has_gone_away(HttpVersion version) throws Exception {
    CompletableFuture<Presence> come = new CompletableFuture<>();
    CompletableFuture<Thread> over = new CompletableFuture<>();
    Router router = Router.router(vertx);
    router
        .route()
        .handler(
            call -> {
              Presence presence = new TokenReply(call, loops.wayBack(), NO_KEYS).home().presence();
              presence.whenOver(() -> over.complete(Thread.currentThread()));
              come.complete(presence);
            });
    HttpServer server =
        wait(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    HttpClientRequest request =
        wait(
            vertx
                .createHttpClient(
                    new HttpClientOptions()
                        .setProtocolVersion(version)
                        .setHttp2ClearTextUpgrade(false))
                .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", TokenRoute.PATH));
    wait(request.end());
    Presence presence = come.get(1, TimeUnit.MINUTES);
    assertThat(presence.hasGone()).isFalse();
    assertThat(over).isNotDone();

    assertThat(request.reset()).isTrue();

    assertThat(over.get(1, TimeUnit.MINUTES).getName()).contains("eventloop");
    assertThat(Eventually.see(presence::hasGone, seen -> seen)).isTrue();
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }
}
