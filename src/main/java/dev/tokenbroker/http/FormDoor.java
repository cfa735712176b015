package dev.tokenbroker.http;

import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedKeys;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Arrays;
import java.util.List;
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
  private static final String IDENTITY = "identity";

  /** What to send instead of a compressed body (RFC 9110 section 15.5.16). */
  private static final Map<String, String> NOT_COMPRESSED =
      Map.of(HttpHeaders.ACCEPT_ENCODING, IDENTITY);

  private static final String STOPPING = "The broker is stopping; ask another one.";

  private final ExchangeSettings settings;
  private final RequestBodies bodies;
  private final TokenReplies replies;
  private final CallsUnderWay underWay;
  private final CallerKeys keys;

  FormDoor(
      ExchangeSettings settings,
      RequestBodies bodies,
      TokenReplies replies,
      CallsUnderWay underWay,
      CallerKeys keys) {
    this.settings = settings;
    this.bodies = bodies;
    this.replies = replies;
    this.underWay = underWay;
    this.keys = keys;
  }

  /**
   * Reads a request.
   *
   * @param taker is given the form, on the event loop of the request, where it is one; else the
   *     request has been answered
   */
  void take(RoutingContext call, BiConsumer<ReceivedForm, TokenReply> taker) {
    HttpServerRequest request = call.request();
    TokenReply reply = replies.to(call);
    Deadline deadline = Deadline.limit(settings.maxDuration());
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
        reply.with(() -> unread(TokenError.NO_FORM, NO_FORM, Map.of()));
      } else if (isCompressed(request)) {
        reply.with(() -> unread(TokenError.NO_FORM, NO_FORM, NOT_COMPRESSED));
      } else {
        PresentedKeys presented = keys.of(request, IssuerPath.receivedPath(call));
        taker.accept(ReceivedForm.of(body, request, presented, deadline), reply);
      }
    } catch (RuntimeException | Error bug) {
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
                TokenError.UNAVAILABLE, RefusalReason.BROKER_STOPPING, STOPPING));
    return false;
  }

  /** A request that was let in has its answer. */
  void leave() {
    underWay.end();
  }

  private static boolean isForm(HttpServerRequest request) {
    List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
    return types.size() == 1 && FORM.matcher(types.getFirst().strip()).matches();
  }

  // A list, which may come in several headers (RFC 9110 section 8.4).
  private static boolean isCompressed(HttpServerRequest request) {
    return request.headers().getAll(HttpHeaders.CONTENT_ENCODING).stream()
        .flatMap(encodings -> Arrays.stream(encodings.split(",", -1)))
        .anyMatch(encoding -> !encoding.strip().equalsIgnoreCase(IDENTITY));
  }

  private static TokenAnswer wrongMethod() {
    return unread(
        TokenError.WRONG_METHOD,
        "This endpoint takes POST only.",
        Map.of(HttpHeaders.ALLOW, "POST"));
  }

  private static TokenAnswer unread(
      TokenError error, String description, Map<String, String> headers) {
    TokenAnswer refused = RefusalResponse.unread(error, RefusalReason.REQUEST_INVALID, description);
    return new TokenAnswer(refused.status(), headers, refused.body());
  }
}
