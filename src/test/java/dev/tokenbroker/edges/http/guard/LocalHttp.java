package dev.tokenbroker.edges.http.guard;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/** Servers and clients on this host that speak HTTP without TLS, and waiting for what they do. */
public final class LocalHttp {

  private static final long PATIENCE_SECONDS = 20;

  private LocalHttp() {}

  /** A server with that handler; ends when its Vert.x does. */
  public static URI serve(Vertx vertx, Handler<HttpServerRequest> handler) {
    int port =
        get(vertx.createHttpServer().requestHandler(handler).listen(0, "localhost")).actualPort();
    return URI.create("http://localhost:" + port);
  }

  /** A client of {@link #options}. */
  public static HttpClient client(Vertx vertx, HttpVersion version) {
    return vertx.createHttpClient(options(version));
  }

  /** Of a client that speaks that version at once, and HTTP/2 over one connection. */
  public static HttpClientOptions options(HttpVersion version) {
    return new HttpClientOptions()
        .setProtocolVersion(version)
        .setHttp2ClearTextUpgrade(false)
        .setHttp2MaxPoolSize(1);
  }

  public static RequestOptions post(URI server, String path) {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost(server.getHost())
        .setPort(server.getPort())
        .setURI(path);
  }

  /** What comes of it; fails where that is nothing for 20 s. */
  public static <T> T get(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
