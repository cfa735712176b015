package dev.tokenbroker.http;

import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.exchange.Exchanged;
import dev.tokenbroker.exchange.TokenExchange;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.exchange.Verdict.Reader;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.token.IssuedToken;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The HTTP door: the token endpoint (RFC 6749 section 3.2), at which a credential is exchanged (RFC
 * 8693) or presented as an assertion (RFC 7523). Reads the request, has it judged like one that
 * comes through the gRPC door, writes the answer.
 *
 * <p>A route of the server below and no resource method: what is held is answered on the event loop
 * on which the request was read, and nothing here waits.
 */
@Singleton
final class TokenRoute {

  static final String PATH = "/token";

  /**
   * The one media type that is read. It has no parameters, so those that clients add say nothing:
   * the encoding is UTF-8 (RFC 6749 appendix B).
   */
  private static final Pattern FORM =
      Pattern.compile("application/x-www-form-urlencoded\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

  private static final String NO_FORM =
      "Send the parameters as application/x-www-form-urlencoded in UTF-8, not compressed.";
  private static final String UNREADABLE =
      "The form cannot be read: percent-encode the UTF-8 of each name and value.";

  private static final String STOPPING = "The broker is stopping; ask another one.";

  // Routes are made before the settings are checked: what reads settings is made at the first
  // request, when they have been.
  private final Provider<TokenExchange> exchange;
  private final ExchangeSettings settings;
  private final RequestBodies bodies;
  private final CallerKeys keys;
  private final EventLoops loops;
  private final CallsUnderWay underWay;
  private final InstantSource clock;

  TokenRoute(
      Provider<TokenExchange> exchange,
      ExchangeSettings settings,
      RequestBodies bodies,
      CallerKeys keys,
      EventLoops loops,
      CallsUnderWay underWay,
      InstantSource clock) {
    this.exchange = exchange;
    this.settings = settings;
    this.bodies = bodies;
    this.keys = keys;
    this.loops = loops;
    this.underWay = underWay;
    this.clock = clock;
  }

  void register(@Observes Router router) {
    router.route(PATH).handler(this::handle);
  }

  private void handle(RoutingContext call) {
    HttpServerRequest request = call.request();
    TokenReply reply = new TokenReply(request, loops.wayBack(), clock);
    Deadline deadline = Deadline.after(settings.maxDuration());
    bodies.read(
        request,
        settings.maxDuration(),
        body -> exchange(body, request, deadline, reply),
        reply::early);
  }

  private void exchange(
      byte[] body, HttpServerRequest request, Deadline deadline, TokenReply reply) {
    try {
      if (!request.method().equals(HttpMethod.POST)) {
        reply.with(TokenRoute::wrongMethod);
        return;
      }
      if (!isForm(request)) {
        reply.with(() -> unread(TokenError.NO_FORM, NO_FORM));
        return;
      }
      String authorization = request.headers().get(HttpHeaders.AUTHORIZATION);
      Optional<TokenRequest> read =
          TokenRequestReader.read(
              body, authorization == null ? "" : authorization, peer(request), keys.of(request));
      if (read.isEmpty()) {
        reply.with(() -> unread(TokenError.INVALID_REQUEST, UNREADABLE));
        return;
      }
      exchange(read.get(), deadline, reply);
    } catch (RuntimeException bug) {
      reply.broken(bug);
    }
  }

  private void exchange(TokenRequest asked, Deadline deadline, TokenReply reply) {
    if (!underWay.begin()) {
      reply.with(() -> unread(TokenError.UNAVAILABLE, RefusalReason.BROKER_OVERLOADED, STOPPING));
      return;
    }
    try {
      exchange
          .get()
          .exchange(
              asked.exchange(),
              deadline,
              reply.home(),
              exchanged -> {
                reply.with(() -> answer(exchanged, asked));
                underWay.end();
              });
    } catch (RuntimeException bug) {
      underWay.end();
      throw bug;
    }
  }

  private TokenAnswer answer(Exchanged exchanged, TokenRequest asked) {
    Verdict verdict = exchanged.verdict();
    TokenAnswer answer =
        switch (exchanged.outcome()) {
          case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
              TokenAnswer.issued(
                  token, asked, verdict, clock.instant(), ThreadLocalRandom.current());
          case Outcome.Refused<IssuedToken>(Refusal refusal) ->
              RefusalResponse.of(refusal, verdict.disclosedTo(Reader.CALLER), asked);
        };
    return keys.nonceFor(asked.exchange().keys())
        .map(nonce -> answer.with(CallerKeys.NONCE, nonce))
        .orElse(answer);
  }

  // A client that has gone away may have no address any more, and a domain socket never has one.
  private static String peer(HttpServerRequest request) {
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : Objects.requireNonNullElse(address.hostAddress(), "");
  }

  private static boolean isForm(HttpServerRequest request) {
    List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    return types.size() == 1
        && FORM.matcher(types.getFirst().strip()).matches()
        && (encoding == null || encoding.toLowerCase(Locale.ROOT).equals("identity"));
  }

  private static TokenAnswer wrongMethod() {
    TokenAnswer refused = unread(TokenError.WRONG_METHOD, "The token endpoint takes POST only.");
    return new TokenAnswer(refused.status(), Map.of(HttpHeaders.ALLOW, "POST"), refused.body());
  }

  private static TokenAnswer unread(TokenError error, String description) {
    return unread(error, RefusalReason.REQUEST_INVALID, description);
  }

  private static TokenAnswer unread(TokenError error, RefusalReason reason, String description) {
    return RefusalResponse.unread(error, reason, description);
  }
}
