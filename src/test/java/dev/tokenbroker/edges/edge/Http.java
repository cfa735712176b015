package dev.tokenbroker.edges.edge;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Sends requests, as a verifier, a probe or Prometheus does. */
public final class Http {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Http() {}

  /** Headers are names and values in turn. */
  public static HttpResponse<String> get(URI uri, String... headers) {
    return send(HttpRequest.newBuilder(uri), headers);
  }

  /** Posts an encoded form; headers are names and values in turn. */
  public static HttpResponse<String> post(URI uri, String form, String... headers) {
    return send(
        HttpRequest.newBuilder(uri)
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)),
        headers);
  }

  /** Sends a request of that method, without a body. */
  public static HttpResponse<String> send(String method, URI uri) {
    return send(HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
    request.timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return Unchecked.get(() -> CLIENT.send(request.build(), BodyHandlers.ofString()));
  }

  /** The first value of a header; empty if there is none. */
  public static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  /** The status; 0 where no connection is to be had. */
  static int status(URI uri) {
    try {
      return get(uri).statusCode();
    } catch (UncheckedIOException refused) {
      return 0;
    }
  }
}
