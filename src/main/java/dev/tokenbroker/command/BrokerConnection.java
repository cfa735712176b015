package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.peers.http.FailureKinds;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls a running broker at its HTTP or its gRPC address, one request at a time, and waits for the
 * response on this thread. It speaks gRPC over HTTP/2 itself, since a command sends one message.
 * The channel, load balancer and name resolver of grpc-java would take longer to start than the
 * call.
 */
final class BrokerConnection implements AutoCloseable {

  /** No message of a broker is larger. */
  private static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

  private static final String STATUS = "grpc-status";
  private static final int FRAME_HEAD_BYTES = 5;
  private static final int HTTP_OK = 200;

  private final Address address;
  private final ConnectionOptions options;
  private final Deadline deadline;
  private final Vertx vertx;
  private @Nullable InetAddress resolved;

  /** Does not connect yet. */
  BrokerConnection(Address address, ConnectionOptions options) {
    this.address = address;
    this.options = options;
    this.deadline = Deadline.after(options.timeout());
    this.vertx = ShortLivedVertx.start();
  }

  /**
   * A response of the HTTP edge.
   *
   * @param body not to be trusted
   */
  record HttpAnswer(int status, Buffer body) {}

  /**
   * A response of the gRPC edge.
   *
   * @param status the number of {@code grpc-status}
   * @param message the response message; null unless the status is 0
   * @param detail {@code grpc-message}, cleaned
   * @param details {@code grpc-status-details-bin} in base64, not to be trusted; empty if absent
   */
  record Reply(int status, @Nullable Buffer message, String detail, String details) {}

  /** Refuses to go on if the credential would cross the network in clear. */
  void requireSecrecy() throws Failure {
    if (!options.tls() && !resolved().isLoopbackAddress()) {
      throw new Failure(
          ExitCode.USAGE,
          "the credential would cross the network in clear: call by TLS, or say --plaintext");
    }
  }

  /** Gets a resource of the HTTP edge. */
  HttpAnswer get(String path) throws Failure {
    return get(path, Map.of());
  }

  /** Gets a resource of the HTTP edge with those headers. */
  HttpAnswer get(String path, Map<String, String> headers) throws Failure {
    ReadResponse read = exchange(HttpMethod.GET, path, headers, null);
    return new HttpAnswer(read.response().statusCode(), read.body());
  }

  /**
   * Calls a unary method.
   *
   * @param method as in {@code package.Service/Method}
   * @param headers the headers of the call, besides those of the protocol
   */
  Reply call(String method, byte[] message, Map<String, String> headers) throws Failure {
    Buffer frame =
        Buffer.buffer(FRAME_HEAD_BYTES + message.length)
            .appendByte((byte) 0)
            .appendInt(message.length)
            .appendBytes(message);
    ReadResponse read = exchange(HttpMethod.POST, "/" + method, headers, frame);
    HttpClientResponse response = read.response();
    // A response that has only trailers carries them as headers.
    MultiMap trailers =
        response.getTrailer(STATUS) == null ? response.headers() : response.trailers();
    String status = trailers.get(STATUS);
    if (status == null || response.statusCode() != HTTP_OK || !status.matches("\\d{1,3}")) {
      throw noBroker();
    }
    int code = Integer.parseInt(status);
    String details = trailers.get("grpc-status-details-bin");
    return new Reply(
        code,
        code == 0 ? unframed(read.body()) : null,
        decoded(trailers.get("grpc-message")),
        details == null ? "" : details);
  }

  /** The failure for a peer that is no token broker. */
  Failure noBroker() {
    return new Failure(ExitCode.PROTOCOL, "what answers at " + address + " is no token broker");
  }

  @Override
  public void close() {
    vertx.close();
  }

  private record ReadResponse(HttpClientResponse response, Buffer body) {}

  private ReadResponse exchange(
      HttpMethod method, String path, Map<String, String> headers, @Nullable Buffer body)
      throws Failure {
    HttpClientOptions client = options.client(vertx);
    if (body != null) {
      client
          .setProtocolVersion(HttpVersion.HTTP_2)
          .setHttp2ClearTextUpgrade(false)
          .setUseAlpn(true);
    }
    RequestOptions request = request(method, path);
    headers.forEach(request::putHeader);
    if (body != null) {
      request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
    }
    HttpClient http = vertx.createHttpClient(client);
    return await(
        http.request(request)
            .compose(connected -> body == null ? connected.send() : connected.send(body))
            .compose(BrokerConnection::read),
        body == null ? " over HTTP" : " over gRPC");
  }

  private RequestOptions request(HttpMethod method, String path) throws Failure {
    String name = options.serverName() == null ? address.host() : options.serverName();
    return new RequestOptions()
        .setMethod(method)
        .setServer(SocketAddress.inetSocketAddress(address.port(), resolved().getHostAddress()))
        .setHost(name)
        .setPort(address.port())
        .setURI(path)
        .setConnectTimeout(Math.max(1, deadline.remaining().toMillis()));
  }

  private InetAddress resolved() throws Failure {
    try {
      if (resolved == null) {
        resolved = InetAddress.getByName(address.host());
      }
      return resolved;
    } catch (UnknownHostException unknown) {
      throw unreachable("", "the host name does not resolve");
    }
  }

  private static Future<ReadResponse> read(HttpClientResponse response) {
    Buffer body = Buffer.buffer();
    response.handler(
        part -> {
          if (body.length() + part.length() > MAX_BODY_BYTES) {
            response.request().reset();
          } else {
            body.appendBuffer(part);
          }
        });
    return response.end().map(end -> new ReadResponse(response, body));
  }

  private <T> T await(Future<T> future, String how) throws Failure {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw unreachable(how, "no answer within " + options.timeout().toMillis() + " ms");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw unreachable(how, "interrupted");
    } catch (ExecutionException failed) {
      throw unreachable(how, FailureKinds.of(failed).detail());
    }
  }

  /** The message names the protocol, since each has a port of its own. */
  private Failure unreachable(String how, String why) {
    return new Failure(
        ExitCode.UNAVAILABLE, "the broker at " + address + " cannot be reached" + how + ": " + why);
  }

  private Buffer unframed(Buffer body) throws Failure {
    if (body.length() < FRAME_HEAD_BYTES
        || body.getByte(0) != 0
        || body.getInt(1) != body.length() - FRAME_HEAD_BYTES) {
      throw noBroker();
    }
    return body.getBuffer(FRAME_HEAD_BYTES, body.length());
  }

  private static String decoded(@Nullable String message) {
    if (message == null) {
      return "";
    }
    try {
      // gRPC percent-encodes the message, but a plus stands for itself.
      String text = URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8);
      return Evidence.clean(text);
    } catch (IllegalArgumentException malformed) {
      return Evidence.clean(message);
    }
  }
}
