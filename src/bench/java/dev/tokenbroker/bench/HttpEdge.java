package dev.tokenbroker.bench;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Asks an OAuth 2.0 token endpoint on this machine for tokens (RFC 6749 section 3.2), by HTTP/1.1
 * over connections that are kept.
 */
final class HttpEdge implements Edge {

  private static final byte[] WANTED = "\"access_token\"".getBytes(StandardCharsets.US_ASCII);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client;
  private final IntFunction<Buffer> forms;
  private final URI endpoint;

  /**
   * @param connections at most so many at a time
   * @param forms the form of each number, encoded
   */
  HttpEdge(URI endpoint, int connections, IntFunction<Buffer> forms) {
    this.endpoint = endpoint;
    this.forms = forms;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setDefaultHost(endpoint.getHost())
                .setDefaultPort(endpoint.getPort())
                .setKeepAlive(true),
            new PoolOptions().setHttp1MaxSize(connections));
  }

  @Override
  public void call(int number, Consumer<String> ended) {
    client
        .request(HttpMethod.POST, endpoint.getRawPath())
        // On the connection's thread, so that the body waits until it is asked for.
        .compose(request -> send(request, forms.apply(number)).compose(HttpEdge::ending))
        .onComplete(ending -> ended.accept(name(ending)));
  }

  private static Future<HttpClientResponse> send(HttpClientRequest request, Buffer form) {
    return request.putHeader("content-type", "application/x-www-form-urlencoded").send(form);
  }

  private static Future<String> ending(HttpClientResponse response) {
    return response
        .body()
        .map(
            body ->
                response.statusCode() == 200 && holds(body.getBytes())
                    ? OK
                    : "HTTP " + response.statusCode());
  }

  // The member is the first of the answer.
  private static boolean holds(byte[] body) {
    return body.length > WANTED.length
        && Arrays.equals(body, 1, 1 + WANTED.length, WANTED, 0, WANTED.length);
  }

  private static String name(AsyncResult<String> ending) {
    return ending.succeeded() ? ending.result() : ending.cause().getClass().getSimpleName();
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the HTTP client does not stop", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
