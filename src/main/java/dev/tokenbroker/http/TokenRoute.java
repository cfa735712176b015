package dev.tokenbroker.http;

import dev.tokenbroker.door.AtFirstCall;
import dev.tokenbroker.exchange.Exchanged;
import dev.tokenbroker.exchange.TokenExchange;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.exchange.Verdict.Reader;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.token.IssuedToken;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;

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

  // Routes are made before the settings are checked: what reads settings is made at the first
  // request, when they have been.
  private final AtFirstCall<TokenExchange> exchange;
  private final FormDoor door;
  private final InstantSource clock;

  TokenRoute(Provider<TokenExchange> exchange, FormDoor door, InstantSource clock) {
    this.exchange = new AtFirstCall<>(exchange);
    this.door = door;
    this.clock = clock;
  }

  void register(@Observes Router router) {
    router.route(PATH).handler(call -> door.take(call, this::exchange));
  }

  private void exchange(ReceivedForm form, TokenReply reply) {
    switch (TokenRequestReader.read(form.body(), form.authorization(), form.peer(), form.keys())) {
      case Outcome.Refused<TokenRequest>(Refusal unreadable) ->
          reply.with(() -> RefusalResponse.unread(TokenError.INVALID_REQUEST, unreadable));
      case Outcome.Accepted<TokenRequest>(TokenRequest asked) -> {
        if (door.admits(reply)) {
          exchange(asked, form, reply);
        }
      }
    }
  }

  private void exchange(TokenRequest asked, ReceivedForm form, TokenReply reply) {
    try {
      exchange
          .get()
          .exchange(
              asked.exchange(),
              form.deadline(),
              reply.home(),
              exchanged -> {
                reply.with(() -> answer(exchanged, asked));
                door.leave();
              });
    } catch (RuntimeException | Error bug) {
      door.leave();
      throw bug;
    }
  }

  private TokenAnswer answer(Exchanged exchanged, TokenRequest asked) {
    Verdict verdict = exchanged.verdict();
    return switch (exchanged.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
          TokenAnswer.issued(token, asked, verdict, clock.instant(), ThreadLocalRandom.current());
      case Outcome.Refused<IssuedToken>(Refusal refusal) ->
          RefusalResponse.of(refusal, verdict.disclosedTo(Reader.CALLER), asked);
    };
  }
}
