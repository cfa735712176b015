package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.oauth.OwnClient.Obtained;
import io.quarkus.oidc.client.OidcClientException;
import io.quarkus.oidc.client.Tokens;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.jwt.build.JwtException;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/**
 * Requests own tokens from the providers of the clients. A request takes a bounded time.
 *
 * <p>Only what holds no state is an annotation here: the state of an annotation is one per method,
 * so that one dead provider would open the circuit of all. Each {@link OwnClient} has a guard.
 */
@Singleton
public class TokenRequests {

  private final ProviderAnswers answers;
  private final InstantSource clock;

  TokenRequests(ProviderAnswers answers, InstantSource clock) {
    this.answers = answers;
    this.clock = clock;
  }

  /** Requests a token and waits for it. */
  @Timeout(5000)
  @Fallback(
      fallbackMethod = "nothing",
      applyOn = {NoOwnToken.class, TimeoutException.class})
  Obtained request(Provider provider) {
    provider.requireCredential();
    Instant sent = clock.instant();
    CompletableFuture<Tokens> response = provider.tokens().subscribeAsCompletionStage();
    try {
      return new Obtained.Fresh(issued(response.get(), sent));
    } catch (ExecutionException failed) {
      throw why(provider.name(), Objects.requireNonNullElse(failed.getCause(), failed));
    } catch (InterruptedException late) {
      // The timeout of this method interrupts, and then takes the place of any exception.
      throw none(RefusalReason.OWN_TOKEN_TIMED_OUT, "no response in time");
    } finally {
      response.cancel(true);
    }
  }

  /** Ends a request that brought no token. */
  Obtained nothing(Provider provider, Throwable failed) {
    return new Obtained.Nothing(
        failed instanceof NoOwnToken known
            ? known
            : none(RefusalReason.OWN_TOKEN_TIMED_OUT, "no response in time"));
  }

  private OwnToken issued(Tokens tokens, Instant sent) {
    // Counted from the request, so that the life is never overestimated.
    Instant end = sent.plusSeconds(Long.parseLong(tokens.get("expires_in")));
    return OwnToken.issued(
        new BearerToken(tokens.getAccessToken()),
        sent,
        end,
        ThreadLocalRandom.current().nextDouble());
  }

  /** Why a request brought no token, by what the OIDC client throws for it. */
  private NoOwnToken why(String client, Throwable failed) {
    return switch (failed) {
      case NoOwnToken known -> known;
      case OidcClientException _ when answers.isExceeded(client) ->
          none(
              RefusalReason.OWN_TOKEN_MALFORMED,
              "a response that is too slow, or larger than " + BoundedBody.MAX_BYTES + " bytes");
      // The client throws it if no response came. It does not say why, but its log does.
      case OidcClientException _ ->
          none(RefusalReason.OWN_TOKEN_UNREACHABLE, "no connection, or one that broke");
      // The client's credential was replaced by one that cannot be used.
      case UncheckedIOException _, ConfigurationException _, JwtException _ ->
          none(RefusalReason.OWN_TOKEN_REFUSED, "not asked; the credential cannot be used");
      // The client also reads what the broker does not, such as refresh_expires_in.
      case RuntimeException unreadable ->
          none(
              RefusalReason.OWN_TOKEN_MALFORMED,
              "a response that the OIDC client cannot read, " + unreadable.getClass().getName());
      default -> throw new IllegalStateException(failed);
    };
  }

  private static NoOwnToken none(RefusalReason reason, String seen) {
    return new NoOwnToken(Refusal.of(reason).seen(seen), null);
  }
}
