package dev.tokenbroker.http;

import dev.tokenbroker.credential.CredentialSettings;
import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.door.ArrivingBytes.Share;
import dev.tokenbroker.door.Http1Requests;
import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Reads the bodies of requests, each within a size and a time, and those that do not come whole in
 * one go, with their heads, within {@link ArrivingBytes}. Safe for use by several event loops;
 * never waits.
 */
@Singleton
final class RequestBodies {

  private static final int LEAST_MAX_BYTES = 32 * 1024;

  /** For the percent-encoding of the credential and the other parameters. */
  private static final int BESIDE_CREDENTIAL_BYTES = 16 * 1024;

  private final Vertx vertx;
  private final ArrivingBytes bytesOfAll;
  private final CredentialSettings credentials;

  RequestBodies(Vertx vertx, ArrivingBytes bytesOfAll, CredentialSettings credentials) {
    this.vertx = vertx;
    this.bytesOfAll = bytesOfAll;
    this.credentials = credentials;
  }

  /**
   * Reads the body of a request that nobody has read from, on its event loop. Exactly one of the
   * two is called, at once or later, on the same event loop; none where the client goes away.
   *
   * @param patience how long it may take to arrive
   * @param whole is given the body
   * @param refused is given the answer where it is too large, too slow, or one too many
   */
  void read(
      HttpServerRequest request,
      Duration patience,
      Consumer<byte[]> whole,
      Consumer<TokenAnswer> refused) {
    if (isTooLarge(request)) {
      refused.accept(tooLarge());
      return;
    }
    ConnectionBase connection = (ConnectionBase) request.connection();
    Http1Requests.leaveToReader(connection.channel());
    Arrival arrival = new Arrival(bytesOfAll.share(Door.HTTP, connection), whole, refused);
    arrival.timer = vertx.setTimer(patience.toMillis(), _ -> arrival.refuse(tooSlow()));
    arrival.hold(ArrivingBytes.ofHead(request));
    request.exceptionHandler(_ -> arrival.end());
    request.endHandler(_ -> arrival.complete());
    request.handler(arrival::add);
    request.resume();
    if (expectsContinue(request)) {
      request.response().writeContinue();
    }
  }

  /** HTTP/1.0 knows no such answer (RFC 9110 section 10.1.1). */
  private static boolean expectsContinue(HttpServerRequest request) {
    return request.version() != HttpVersion.HTTP_1_0
        && "100-continue".equalsIgnoreCase(request.getHeader("Expect"));
  }

  /** Whether the request itself says that its body is. */
  boolean isTooLarge(HttpServerRequest request) {
    return declaredBytes(request) > maxBytes();
  }

  // Not kept: it is there before the settings are checked.
  private int maxBytes() {
    return Math.max(LEAST_MAX_BYTES, credentials.maxSizeBytes() + BESIDE_CREDENTIAL_BYTES);
  }

  // What is no number is left to the count of what arrives.
  private static long declaredBytes(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException none) {
      return 0;
    }
  }

  /** One body on its way in; confined to its event loop. */
  private final class Arrival {

    private final Share bytes;
    private final Consumer<byte[]> whole;
    private final Consumer<TokenAnswer> refused;
    private Buffer received = Buffer.buffer();
    private long held;
    private long timer;
    private boolean ended;

    Arrival(Share bytes, Consumer<byte[]> whole, Consumer<TokenAnswer> refused) {
      this.bytes = bytes;
      this.whole = whole;
      this.refused = refused;
    }

    void add(Buffer chunk) {
      if (ended) {
        return;
      }
      if (received.length() + chunk.length() > maxBytes()) {
        refuse(tooLarge());
        return;
      }
      received.appendBuffer(chunk);
      hold(chunk.length());
    }

    void hold(int more) {
      held += more;
      if (!bytes.hold(more)) {
        // Not before what came with it was read: one that is whole by then needs no room.
        vertx.runOnContext(_ -> refuseForWantOfRoom());
      }
    }

    private void refuseForWantOfRoom() {
      if (!ended) {
        bytes.refuse();
        refuse(tooMany());
      }
    }

    void complete() {
      byte[] body = received.getBytes();
      if (end()) {
        whole.accept(body);
      }
    }

    void refuse(TokenAnswer answer) {
      if (end()) {
        refused.accept(answer);
      }
    }

    /** Whether it had not ended before. */
    boolean end() {
      if (ended) {
        return false;
      }
      ended = true;
      boolean _ = vertx.cancelTimer(timer);
      bytes.letGo(held);
      received = Buffer.buffer();
      return true;
    }
  }

  // Made for each: a buffer cannot be part of a native executable.
  TokenAnswer tooLarge() {
    return RefusalResponse.unread(
        TokenError.BODY_TOO_LARGE,
        RefusalReason.REQUEST_INVALID,
        "The body must have at most " + maxBytes() + " bytes.");
  }

  private static TokenAnswer tooMany() {
    return RefusalResponse.unread(
        TokenError.OVERLOADED,
        RefusalReason.BROKER_OVERLOADED,
        RefusalReason.BROKER_OVERLOADED.meaning());
  }

  private static TokenAnswer tooSlow() {
    return RefusalResponse.unread(
        TokenError.BODY_TOO_SLOW,
        RefusalReason.REQUEST_INVALID,
        "The body did not arrive in time.");
  }
}
