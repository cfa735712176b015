package dev.tokenbroker.upstream;

import dev.tokenbroker.outcome.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request to one address and its answer, for one use. The caller waits on its own thread; the
 * rest happens on an event loop. Whatever ends it first counts; what comes later is dropped with
 * the connection.
 */
final class HttpExchange {

  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** How it ended. */
  sealed interface End {
    record Answered(Fetched fetched) implements End {}

    /** Sent on; the value of Location as it came. */
    record Redirected(String location) implements End {}

    /** No connection came about, so another address may be tried. */
    record NotConnected(Fetched.Failed why) implements End {}
  }

  private final CompletableFuture<End> ended = new CompletableFuture<>();
  private final Buffer body = Buffer.buffer();
  private @Nullable HttpClientRequest request;
  private boolean abandoned;
  private long sentNanos;

  /** Sends the request and waits for its end, until the deadline at most. */
  End run(HttpClient client, RequestOptions options, Deadline limit) {
    client.request(options).onSuccess(this::connected).onFailure(this::notConnected);
    try {
      return ended.get(limit.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      abandon();
      return answered(FetchFailure.TIMED_OUT, "no complete answer in the time allowed");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      abandon();
      return answered(FetchFailure.TIMED_OUT, "interrupted while waiting for the answer");
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void connected(HttpClientRequest connected) {
    synchronized (this) {
      request = connected;
      if (abandoned) {
        connected.reset();
        return;
      }
    }
    // On the connection, too: without a handler of its own it logs what a peer sends amiss.
    connected.connection().exceptionHandler(this::broken);
    connected.exceptionHandler(this::broken);
    sentNanos = System.nanoTime();
    connected.send().onSuccess(this::head).onFailure(this::broken);
  }

  private void notConnected(Throwable cause) {
    ended.complete(new End.NotConnected(FailureKinds.of(cause)));
  }

  private void broken(Throwable cause) {
    ended.complete(new End.Answered(FailureKinds.of(cause)));
  }

  private void head(HttpClientResponse response) {
    long headNanos = System.nanoTime();
    response.exceptionHandler(this::broken);
    End refused = judge(response);
    if (refused != null) {
      ended.complete(refused);
      response.request().reset();
      return;
    }
    response.handler(part -> take(part, response));
    response.endHandler(done -> ended.complete(new End.Answered(document(response, headNanos))));
  }

  /** What the head alone says against the answer; null where nothing. */
  private static @Nullable End judge(HttpClientResponse response) {
    int status = response.statusCode();
    String location = response.getHeader(HttpHeaders.LOCATION);
    if (REDIRECTS.contains(status) && location != null) {
      return new End.Redirected(location);
    }
    if (status >= 500 || status == 429) {
      return answered(FetchFailure.SERVER_ERROR, "answered with status " + status);
    }
    if (status != 200) {
      return answered(FetchFailure.BAD_STATUS, "answered with status " + status);
    }
    String encoding = response.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return answered(FetchFailure.MALFORMED, "answered in an encoding that was not asked for");
    }
    return null;
  }

  private void take(Buffer part, HttpClientResponse response) {
    if (ended.isDone()) {
      return;
    }
    if (body.length() + part.length() > UpstreamClient.MAX_BODY_BYTES) {
      ended.complete(
          answered(
              FetchFailure.TOO_LARGE,
              "the answer is larger than " + UpstreamClient.MAX_BODY_BYTES + " bytes"));
      response.request().reset();
      return;
    }
    body.appendBuffer(part);
  }

  private Fetched.Document document(HttpClientResponse response, long headNanos) {
    long roundTripNanos = headNanos - sentNanos;
    Instant date = AnswerHeaders.date(response.getHeader(HttpHeaders.DATE));
    return new Fetched.Document(
        body.getBytes(),
        AnswerHeaders.maxAge(response.headers().getAll(HttpHeaders.CACHE_CONTROL)),
        AnswerHeaders.age(response.getHeader("Age")),
        date,
        Duration.ofNanos(roundTripNanos),
        Duration.ofNanos(System.nanoTime() - headNanos + roundTripNanos / 2));
  }

  private synchronized void abandon() {
    abandoned = true;
    if (request != null) {
      request.reset();
    }
  }

  private static End.Answered answered(FetchFailure kind, String detail) {
    return new End.Answered(new Fetched.Failed(kind, detail));
  }
}
