package dev.tokenbroker.edges.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.http.guard.LocalHttp;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls as no gRPC library makes them: any headers and any bytes, over one connection. */
final class RawCalls implements AutoCloseable {

  private static final int PREFIX_BYTES = 5;

  private final URI broker;
  private final HttpClient client;
  private final AtomicInteger connections = new AtomicInteger();

  RawCalls(Vertx vertx, URI broker) {
    this(vertx, broker, "127.0.0.1");
  }

  /**
   * @param from the address of the caller, for a limit of each address that is used up by others
   */
  RawCalls(Vertx vertx, URI broker, String from) {
    this.broker = broker;
    this.client =
        vertx
            .httpClientBuilder()
            .with(LocalHttp.options(HttpVersion.HTTP_2).setLocalAddress(from))
            .withConnectHandler(_ -> connections.incrementAndGet())
            .build();
  }

  /** A message in its frame (gRPC over HTTP/2, Length-Prefixed-Message). */
  static Buffer frame(int flag, byte[] message) {
    return announced(flag, message.length).appendBytes(message);
  }

  /** The frame of a message of which nothing has come. */
  static Buffer announced(int flag, long bytes) {
    return Buffer.buffer(PREFIX_BYTES).appendByte((byte) flag).appendUnsignedInt(bytes);
  }

  /** Sends that much and no more, and ends there. */
  Answer whole(String method, Map<String, String> headers, Buffer body) {
    return await(
        request(method, headers)
            .compose(
                request -> {
                  Future<Answer> answer = answer(request);
                  request.end(body); // the server may not want all of it
                  return answer;
                }));
  }

  /** Sends that much, or until the broker has enough of it, and keeps the stream open. */
  Answer unfinished(String method, Map<String, String> headers, Buffer body) {
    Future<HttpClientRequest> begun = request(method, headers);
    try {
      return await(
          begun.compose(
              request -> {
                Future<Answer> answer = answer(request);
                return request.setChunked(true).write(body).otherwiseEmpty().compose(_ -> answer);
              }));
    } finally {
      begun.onSuccess(HttpClientRequest::reset);
    }
  }

  /**
   * Sends a whole call and takes it back at once, for the reason of that code (RFC 9113 section 7).
   */
  void reset(String method, Map<String, String> headers, Buffer body, long code) {
    LocalHttp.get(
        request(method, headers)
            .compose(request -> request.end(body).onComplete(_ -> request.reset(code))));
  }

  /** Sends a whole call, which may be taken back. */
  HttpClientRequest begin(String method, Map<String, String> headers, Buffer body) {
    return LocalHttp.get(
        request(method, headers).compose(request -> request.end(body).map(request)));
  }

  /** How many connections were made: one, and one more for each that was lost. */
  int connections() {
    return connections.get();
  }

  private Future<HttpClientRequest> request(String method, Map<String, String> headers) {
    RequestOptions options =
        LocalHttp.post(broker, "/" + method)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers");
    headers.forEach(options::putHeader);
    return client.request(options);
  }

  // Before anything is sent: what arrives while nobody listens is lost.
  private static Future<Answer> answer(HttpClientRequest request) {
    return request
        .response()
        .compose(head -> head.body().map(body -> answer(head, body)))
        .recover(RawCalls::reset);
  }

  /** A stream that the server has reset, as gRPC clients tell it. */
  private static Future<Answer> reset(Throwable failure) {
    return failure instanceof StreamResetException reset
        ? Future.succeededFuture(
            BrokerClient.refused(
                Status.CANCELLED.withDescription("reset " + reset.getCode()).asRuntimeException()))
        : Future.failedFuture(failure);
  }

  private static Answer await(Future<Answer> answer) {
    try {
      return LocalHttp.get(answer);
    } catch (CompletionException none) {
      throw new AssertionError("the call was not answered: " + none.getCause(), none);
    }
  }

  private static Answer answer(HttpClientResponse head, Buffer body) {
    MultiMap trailers = head.headers().contains("grpc-status") ? head.headers() : head.trailers();
    String status = trailers.get("grpc-status");
    if (head.statusCode() != 200 || status == null) {
      throw new AssertionError("no answer of gRPC: " + head.statusCode() + " " + head.headers());
    }
    String message = Objects.requireNonNullElse(trailers.get("grpc-message"), "");
    Status ended =
        Status.fromCodeValue(Integer.parseInt(status))
            .withDescription(URLDecoder.decode(message, StandardCharsets.UTF_8));
    return ended.isOk()
        ? BrokerClient.granted(message(body))
        : BrokerClient.refused(new StatusRuntimeException(ended, metadata(trailers)));
  }

  private static ExchangeTokenResponse message(Buffer body) {
    try {
      return ExchangeTokenResponse.parseFrom(body.getBytes(PREFIX_BYTES, body.length()));
    } catch (InvalidProtocolBufferException broken) {
      throw new AssertionError("the broker sent a broken message", broken);
    }
  }

  private static Metadata metadata(MultiMap trailers) {
    Metadata metadata = new Metadata();
    trailers.forEach(
        (name, value) -> {
          if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
            metadata.put(
                Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
                Base64.getDecoder().decode(value));
          } else if (!name.startsWith(":")) {
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
          }
        });
    return metadata;
  }

  @Override
  public void close() {
    client.close();
  }
}
