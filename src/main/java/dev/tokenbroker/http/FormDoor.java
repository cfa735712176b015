package dev.tokenbroker.http;

import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedKeys;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * What the endpoints that take forms have in common: reads a request within its bounds, sends away
 * what is no form, and lets none in once the broker is stopping. Nothing here waits.
 */
@Singleton
final class FormDoor {

  /**
   * The one media type that is read. It has no parameters, so those that clients add say nothing:
   * the encoding is UTF-8 (RFC 6749 appendix B).
   */
  private static final Pattern FORM =
      Pattern.compile("application/x-www-form-urlencoded\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

  private static final String NO_FORM =
      "Send the parameters as application/x-www-form-urlencoded in UTF-8, not compressed.";
  private static final String STOPPING = "The broker is stopping; ask another one.";

  private final ExchangeSettings settings;
  private final RequestBodies bodies;
  private final EventLoops loops;
  private final CallsUnderWay underWay;
  private final CallerKeys keys;
  private final InstantSource clock;

  /** One parameter for each thing that a request needs on its way in and out. */
  FormDoor(
      ExchangeSettings settings,
      RequestBodies bodies,
      EventLoops loops,
      CallsUnderWay underWay,
      CallerKeys keys,
      InstantSource clock) {
    this.settings = settings;
    this.bodies = bodies;
    this.loops = loops;
    this.underWay = underWay;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Reads a request.
   *
   * @param taker is given the form, on the event loop of the request, where it is one; else the
   *     request has been answered
   */
  void take(RoutingContext call, BiConsumer<ReceivedForm, TokenReply> taker) {
    HttpServerRequest request = call.request();
    TokenReply reply = new TokenReply(request, loops.wayBack(), keys, clock);
    Deadline deadline = Deadline.after(settings.maxDuration());
    bodies.read(
        request,
        settings.maxDuration(),
        body -> take(body, call, deadline, reply, taker),
        reply::early);
  }

  private void take(
      byte[] body,
      RoutingContext call,
      Deadline deadline,
      TokenReply reply,
      BiConsumer<ReceivedForm, TokenReply> taker) {
    HttpServerRequest request = call.request();
    try {
      if (!request.method().equals(HttpMethod.POST)) {
        reply.with(FormDoor::wrongMethod);
      } else if (!isForm(request)) {
        reply.with(
            () ->
                RefusalResponse.unread(TokenError.NO_FORM, RefusalReason.REQUEST_INVALID, NO_FORM));
      } else {
        PresentedKeys presented = keys.of(request, IssuerPath.receivedPath(call));
        taker.accept(ReceivedForm.of(body, request, presented, deadline), reply);
      }
    } catch (RuntimeException bug) {
      reply.broken(bug);
    }
  }

  /** Lets a request in, which must leave once; where it does not, the request is answered. */
  boolean admits(TokenReply reply) {
    if (underWay.begin()) {
      return true;
    }
    reply.with(
        () ->
            RefusalResponse.unread(
                TokenError.UNAVAILABLE, RefusalReason.BROKER_OVERLOADED, STOPPING));
    return false;
  }

  /** A request that was let in has its answer. */
  void leave() {
    underWay.end();
  }

  private static boolean isForm(HttpServerRequest request) {
    List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    return types.size() == 1
        && FORM.matcher(types.getFirst().strip()).matches()
        && (encoding == null || encoding.toLowerCase(Locale.ROOT).equals("identity"));
  }

  private static TokenAnswer wrongMethod() {
    TokenAnswer refused =
        RefusalResponse.unread(
            TokenError.WRONG_METHOD,
            RefusalReason.REQUEST_INVALID,
            "This endpoint takes POST only.");
    return new TokenAnswer(refused.status(), Map.of(HttpHeaders.ALLOW, "POST"), refused.body());
  }
}
