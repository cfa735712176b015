package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HttpClients.ClientUse;
import dev.tokenbroker.peers.http.PeerRequest.Method;
import dev.tokenbroker.peers.trust.RefusedCertificate;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one address, its request and the response, for one use. The caller waits on its
 * own thread; the rest runs on an event loop. The first end counts; later events are dropped with
 * the connection.
 */
final class HttpExchange {

  /** How long the body of an error is waited for, where a document is wanted. */
  private static final long ERROR_PATIENCE_MS = 500;

  /** The result of opening a connection. */
  sealed interface Opened {

    /** The chain that the server presented, trusted or not; empty if there is none. */
    List<X509Certificate> chain();

    /** The same; a failure gets the place where it happened. */
    default Opened at(String place) {
      return this;
    }

    /**
     * A connection that is ready for the request.
     *
     * @param session null without TLS, or if the server has closed the connection already
     */
    record Connected(HttpExchange exchange, HttpClientRequest request, @Nullable SSLSession session)
        implements Opened {

      /** Sends the request and waits for its end, at most until the deadline. */
      CallEnd send(Deadline limit) {
        return exchange.send(request, limit);
      }

      /** Whether the server ends the connection within that time, without a request. */
      boolean isEndedWithin(Duration time) {
        return exchange
            .ended
            .thenApply(_ -> true)
            .completeOnTimeout(false, time.toNanos(), TimeUnit.NANOSECONDS)
            .join();
      }

      /** Closes the connection without a request. */
      void close() {
        request.connection().close();
      }

      @Override
      public List<X509Certificate> chain() {
        try {
          return session == null
              ? List.of()
              : Arrays.stream(session.getPeerCertificates())
                  .map(X509Certificate.class::cast)
                  .toList();
        } catch (SSLPeerUnverifiedException impossible) {
          throw new IllegalStateException("a handshake ended without a certificate", impossible);
        }
      }
    }

    /**
     * No connection, so another address may be tried.
     *
     * @param refused the certificate that was refused; null where another reason was
     */
    record NotConnected(CallFailed why, @Nullable RefusedCertificate refused) implements Opened {

      @Override
      public Opened at(String place) {
        return new NotConnected(new CallFailed(why.kind(), why.detail() + place), refused);
      }

      NotConnected(CallFailed why) {
        this(why, null);
      }

      @Override
      public List<X509Certificate> chain() {
        return refused == null ? List.of() : refused.chain();
      }
    }
  }

  private final PooledClient client;
  private final PeerRequest asked;
  private final RequestOptions options;
  private final CompletableFuture<Opened> opened = new CompletableFuture<>();
  private final CompletableFuture<CallEnd> ended = new CompletableFuture<>();
  private final Buffer body = Buffer.buffer();
  private final long beganNanos = System.nanoTime();
  private @Nullable HttpClientRequest request;
  private volatile @Nullable HttpClientResponse begun;
  private volatile int receivedBytes;
  private boolean abandoned;
  private volatile long sentNanos;
  private long headNanos;

  private HttpExchange(PooledClient client, PeerRequest asked, RequestOptions options) {
    this.client = client;
    this.asked = asked;
    this.options = options;
  }

  /** Connects, at the latest by the deadline. */
  static Opened open(
      PooledClient client, PeerRequest asked, RequestOptions options, Deadline limit) {
    return new HttpExchange(client, asked, options).open(limit);
  }

  private Opened open(Deadline limit) {
    try {
      client.http().request(options).onSuccess(this::connected).onFailure(this::notConnected);
    } catch (RejectedExecutionException | IllegalStateException closed) {
      notConnected(closed); // the process is ending: event loops and client are closed
    }
    return await(opened, limit, Opened.NotConnected::new);
  }

  private CallEnd send(HttpClientRequest connected, Deadline limit) {
    sentNanos = System.nanoTime();
    try {
      Future<HttpClientResponse> _ =
          asked.method() == Method.POST
              ? connected.send(Buffer.buffer(asked.body()))
              : connected.send();
    } catch (RejectedExecutionException | IllegalStateException closed) {
      broken(closed); // the connection has ended meanwhile
    }
    return await(ended, limit, why -> why);
  }

  private <T> T await(
      CompletableFuture<T> result, Deadline limit, Function<CallFailed, T> instead) {
    try {
      return result.get(limit.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      abandon();
      return instead.apply(
          new CallFailed(
              FetchFailure.TIMED_OUT, "no complete answer in the time allowed" + soFar()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      abandon();
      return instead.apply(
          new CallFailed(FetchFailure.TIMED_OUT, "interrupted while waiting for the answer"));
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void connected(HttpClientRequest connected) {
    // Vert.x logs protocol errors of a peer on a connection without a handler of its own.
    connected.connection().exceptionHandler(this::broken);
    connected.exceptionHandler(this::broken);
    // Now, on the event loop: the response must not arrive before its handlers.
    connected.response().onSuccess(this::head).onFailure(this::broken);
    synchronized (this) {
      request = connected;
      if (abandoned) {
        connected.reset();
        return;
      }
    }
    opened.complete(new Opened.Connected(this, connected, connected.connection().sslSession()));
  }

  private void notConnected(Throwable cause) {
    opened.complete(new Opened.NotConnected(explained(cause), FailureKinds.refused(cause)));
  }

  private void broken(Throwable cause) {
    ended.complete(explained(cause));
  }

  private CallFailed explained(Throwable cause) {
    CallFailed why = client.explained(FailureKinds.of(cause), options, beganNanos);
    boolean proxy = options.getProxyOptions() != null && why.detail().equals(FailureKinds.REFUSED);
    return new CallFailed(proxy ? FetchFailure.PROXY_FAILED : why.kind(), why.detail() + soFar());
  }

  /** What came of an answer that has no end. */
  private String soFar() {
    HttpClientResponse response = begun;
    if (response == null) {
      return sentNanos == 0 ? "" : "; no answer in HTTP/1.1 came";
    }
    String length =
        Objects.requireNonNullElse(
            response.getHeader(HttpHeaders.CONTENT_LENGTH), "an unknown number of");
    return Evidence.clean(
        "; status %d came, and %d of %s bytes"
            .formatted(response.statusCode(), receivedBytes, length));
  }

  private void head(HttpClientResponse response) {
    headNanos = System.nanoTime();
    begun = response;
    boolean error = isUnwanted(response);
    response.exceptionHandler(error ? _ -> cut(response) : this::broken);
    String encoding = response.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      String detail = "in a content encoding that was not asked for";
      stop(response, unread(response, FetchFailure.MALFORMED, detail));
      return;
    }
    if (error) {
      Context context = Objects.requireNonNull(Vertx.currentContext()); // that of the response
      context.owner().setTimer(ERROR_PATIENCE_MS, _ -> cut(response));
    }
    response.handler(part -> take(part, response));
    response.endHandler(done -> ended.complete(answered(response, body.getBytes())));
  }

  /** Ends an error with the part of its body that has come. */
  private void cut(HttpClientResponse response) {
    if (!ended.isDone()) {
      stop(response, answered(response, body.getBytes()));
    }
  }

  /** Whether the response is an error in place of a document, which is read for operators only. */
  private boolean isUnwanted(HttpClientResponse response) {
    return asked.use() != ClientUse.FORMS && response.statusCode() != 200;
  }

  private void stop(HttpClientResponse response, CallEnd end) {
    ended.complete(end);
    response.request().reset();
  }

  /** The end of a response whose body cannot be read. */
  private CallEnd unread(HttpClientResponse response, FetchFailure kind, String detail) {
    int status = response.statusCode();
    return isUnwanted(response) || (asked.use() == ClientUse.FORMS && isTrouble(status))
        ? answered(response, new byte[0])
        : new CallFailed(
            kind,
            "answered with status " + status + " " + detail,
            null,
            words(response, body.getBytes()));
  }

  /** Whether the status alone says that the request may be repeated (Retry-After says when). */
  private static boolean isTrouble(int status) {
    return status >= 500 || status == 429 || status == 408;
  }

  private void take(Buffer part, HttpClientResponse response) {
    if (ended.isDone()) {
      return;
    }
    if (body.length() + part.length() > PeerClient.MAX_BODY_BYTES) {
      stop(
          response,
          unread(
              response,
              FetchFailure.TOO_LARGE,
              "and more than " + PeerClient.MAX_BODY_BYTES + " bytes"));
      return;
    }
    body.appendBuffer(part);
    receivedBytes = body.length();
    if (isUnwanted(response) && body.length() >= AnswerMembers.MAX_BYTES) {
      cut(response);
    }
  }

  private CallEnd.Response answered(HttpClientResponse response, byte[] content) {
    Duration roundTrip = Duration.ofNanos(headNanos - sentNanos);
    Duration sinceHead = Duration.ofNanos(System.nanoTime() - headNanos);
    return new CallEnd.Response(
        AnswerHeaders.times(
            response.headers(),
            client.clock().instant(),
            roundTrip,
            sinceHead.plus(roundTrip.dividedBy(2))),
        words(response, content));
  }

  private AnswerText words(HttpClientResponse response, byte[] content) {
    return new AnswerText(
        asked.uri(),
        response.statusCode(),
        response.headers(),
        content,
        asked.body(),
        asked.headers().entrySet());
  }

  private synchronized void abandon() {
    abandoned = true;
    if (request != null) {
      request.reset();
    }
  }
}
