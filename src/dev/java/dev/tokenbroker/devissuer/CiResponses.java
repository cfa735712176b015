package dev.tokenbroker.devissuer;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The responses of the issuer {@code ci} and the upstream {@code corp-sso}, with the fault that is
 * present when a request is complete. Runs on event loops and blocks none.
 */
final class CiResponses {

  private static final long SLOW_MILLIS = 1_000;

  /** Shorter than the broker accepts, so that it fetches as often as its settings allow. */
  private static final String CACHE_CONTROL = "max-age=1";

  private final Vertx vertx;
  private final CiIssuer issuer;
  private final CorpSso upstream = new CorpSso();

  /** Connections with a request that gets no response. */
  private final Set<HttpConnection> hanging = ConcurrentHashMap.newKeySet();

  CiResponses(Vertx vertx, CiIssuer issuer) {
    this.vertx = vertx;
    this.issuer = issuer;
  }

  /** Reads a request, and responds or hangs. */
  void receive(HttpServerRequest request) {
    // Vert.x reads a form only where the request says what it is.
    request.setExpectMultipart(request.headers().contains("Content-Type"));
    request.exceptionHandler(_ -> request.connection().close());
    request.endHandler(_ -> respond(request));
  }

  private void respond(HttpServerRequest request) {
    Fault fault = issuer.fault();
    if (fault == Fault.HANG) {
      hang(request.connection());
    } else if (fault == Fault.SLOW) {
      vertx.setTimer(SLOW_MILLIS, _ -> send(request, answer(request)));
    } else {
      send(request, answer(request));
    }
  }

  private void hang(HttpConnection connection) {
    hanging.add(connection);
    connection.closeHandler(_ -> hanging.remove(connection));
  }

  private CiAnswer answer(HttpServerRequest request) {
    Fault fault = issuer.fault();
    if (fault == Fault.UNAVAILABLE) {
      return CiAnswer.UNAVAILABLE;
    }
    if (fault == Fault.HTML) {
      return CiAnswer.LOGIN_PAGE;
    }
    int port = request.localAddress().port();
    return switch (request.method() + " " + request.path()) {
      case "GET " + CiIssuer.DISCOVERY_PATH -> CiAnswer.json(200, issuer.discovery(port));
      case "GET " + CiIssuer.KEYS_PATH -> CiAnswer.json(200, issuer.keySet());
      case "POST " + CiIssuer.TOKEN_PATH ->
          fault == Fault.STORM
              ? CiAnswer.UNAVAILABLE
              : upstream.answer(request.getHeader("Authorization"), request.formAttributes());
      default -> CiAnswer.NOT_FOUND;
    };
  }

  private void send(HttpServerRequest request, CiAnswer answer) {
    request
        .response()
        .setStatusCode(answer.status())
        .putHeader("Content-Type", answer.type())
        .putHeader("Cache-Control", CACHE_CONTROL)
        .putHeader(
            "Date",
            DateTimeFormatter.RFC_1123_DATE_TIME.format(issuer.now().atOffset(ZoneOffset.UTC)))
        .end(answer.body());
  }

  /** Closes the connections that hang. */
  void closeHanging() {
    hanging.forEach(HttpConnection::close);
  }
}
