package dev.tokenbroker.http;

import static dev.tokenbroker.http.LocalHttp.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.exchange.Presence;
import dev.tokenbroker.grpc.Eventually;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import java.net.URI;
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
  void stop() {
    get(vertx.close());
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
    URI url = LocalHttp.serve(vertx, router);
    HttpClientRequest request =
        get(LocalHttp.client(vertx, version).request(LocalHttp.post(url, TokenRoute.PATH)));
    get(request.end());
    Presence presence = come.get(1, TimeUnit.MINUTES);
    assertThat(presence.hasGone()).isFalse();
    assertThat(over).isNotDone();

    assertThat(request.reset()).isTrue();

    assertThat(over.get(1, TimeUnit.MINUTES).getName()).contains("eventloop");
    assertThat(Eventually.see(presence::hasGone, seen -> seen)).isTrue();
  }
}
