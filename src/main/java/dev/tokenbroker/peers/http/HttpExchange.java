package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request to one address and its response, for one use. The caller waits on its own thread; the
 * rest runs on an event loop. The first end counts; later events are dropped with the connection.
 */
final class HttpExchange {

  static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** The end of the exchange. */
  sealed interface End
      permits End.HttpAnswered, End.Redirected, End.ConnectionMade, End.NotConnected, CallFailed {
    /**
     * A complete response, or the head of one whose status is not wanted.
     *
     * @param roundTrip from the sending of the request to the head of the response
     * @param sinceMidpoint from the middle of that to the end of the response
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    record HttpAnswered(
        int status, MultiMap headers, byte[] body, Duration roundTrip, Duration sinceMidpoint)
        implements End {}

    /** A redirect; the value of Location as received. */
    record Redirected(String location) implements End {}

    /** A connection that was closed again, since no request was wanted. */
    record ConnectionMade() implements End {}

    /** No connection could be made, so another address may be tried. */
    record NotConnected(CallFailed why) implements End {}
  }

  /** Which responses are read to their end. */
  enum WantedAnswer {
    /** Responses with status 200; redirects are reported separately. */
    DOCUMENT,
    /** Responses with any status; the body may be unreadable where the status says enough. */
    ANY,
    /** None: no request is sent once the connection is made. */
    NOTHING
  }

  private final WantedAnswer wanted;
  private final CompletableFuture<End> ended = new CompletableFuture<>();
  private final Buffer body = Buffer.buffer();
  private @Nullable HttpClientRequest request;
  private boolean abandoned;
  private long sentNanos;
  private long headNanos;

  HttpExchange(WantedAnswer wanted) {
    this.wanted = wanted;
  }

  /** Sends the request and waits for its end, at most until the deadline. */
  End run(HttpClient client, RequestOptions options, @Nullable Buffer form, Deadline limit) {
    try {
      client
          .request(options)
          .onSuccess(connected -> connected(connected, form))
          .onFailure(this::notConnected);
    } catch (RejectedExecutionException | IllegalStateException closed) {
      notConnected(closed); // the process is ending: event loops and client are closed
    }
    try {
      return ended.get(limit.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      abandon();
      return new CallFailed(FetchFailure.TIMED_OUT, "no complete answer in the time allowed");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      abandon();
      return new CallFailed(FetchFailure.TIMED_OUT, "interrupted while waiting for the answer");
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void connected(HttpClientRequest connected, @Nullable Buffer form) {
    // Vert.x logs protocol errors of a peer on a connection without a handler of its own.
    connected.connection().exceptionHandler(this::broken);
    connected.exceptionHandler(this::broken);
    if (wanted == WantedAnswer.NOTHING) {
      ended.complete(new End.ConnectionMade());
      Future<Void> _ = connected.connection().close();
      return;
    }
    synchronized (this) {
      request = connected;
      if (abandoned) {
        connected.reset();
        return;
      }
    }
    sentNanos = System.nanoTime();
    (form == null ? connected.send() : connected.send(form))
        .onSuccess(this::head)
        .onFailure(this::broken);
  }

  private void notConnected(Throwable cause) {
    ended.complete(new End.NotConnected(FailureKinds.of(cause)));
  }

  private void broken(Throwable cause) {
    ended.complete(FailureKinds.of(cause));
  }

  private void head(HttpClientResponse response) {
    headNanos = System.nanoTime();
    response.exceptionHandler(this::broken);
    End refused = judge(response);
    if (refused != null) {
      ended.complete(refused);
      response.request().reset();
      return;
    }
    response.handler(part -> take(part, response));
    response.endHandler(done -> ended.complete(answered(response, body.getBytes())));
  }

  /** Refuses a response by its head alone; null where nothing is wrong. */
  private @Nullable End judge(HttpClientResponse response) {
    End unwanted = wanted == WantedAnswer.DOCUMENT ? noDocument(response) : null;
    if (unwanted != null) {
      return unwanted;
    }
    String encoding = response.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return unread(
          response, FetchFailure.MALFORMED, "answered in an encoding that was not asked for");
    }
    return null;
  }

  /** The end of a response whose body cannot be read. */
  private End unread(HttpClientResponse response, FetchFailure kind, String detail) {
    return wanted == WantedAnswer.ANY && isTrouble(response.statusCode())
        ? answered(response, new byte[0])
        : new CallFailed(kind, detail);
  }

  /** Whether the status alone says that the request may be repeated (Retry-After says when). */
  private static boolean isTrouble(int status) {
    return status >= 500 || status == 429 || status == 408;
  }

  private @Nullable End noDocument(HttpClientResponse response) {
    int status = response.statusCode();
    String location = response.getHeader(HttpHeaders.LOCATION);
    if (REDIRECTS.contains(status) && location != null) {
      return new End.Redirected(location);
    }
    return status == 200 ? null : answered(response, new byte[0]);
  }

  private void take(Buffer part, HttpClientResponse response) {
    if (ended.isDone()) {
      return;
    }
    if (body.length() + part.length() > PeerClient.MAX_BODY_BYTES) {
      ended.complete(
          unread(
              response,
              FetchFailure.TOO_LARGE,
              "the answer is larger than " + PeerClient.MAX_BODY_BYTES + " bytes"));
      response.request().reset();
      return;
    }
    body.appendBuffer(part);
  }

  private End.HttpAnswered answered(HttpClientResponse response, byte[] content) {
    long roundTripNanos = headNanos - sentNanos;
    return new End.HttpAnswered(
        response.statusCode(),
        response.headers(),
        content,
        Duration.ofNanos(roundTripNanos),
        Duration.ofNanos(System.nanoTime() - headNanos + roundTripNanos / 2));
  }

  private synchronized void abandon() {
    abandoned = true;
    if (request != null) {
      request.reset();
    }
  }
}
