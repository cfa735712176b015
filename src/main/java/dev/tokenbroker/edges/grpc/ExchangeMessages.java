package dev.tokenbroker.edges.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Translates between the API messages of an exchange and its values. It decides nothing. */
final class ExchangeMessages {

  static final String EDGE = "grpc";

  private ExchangeMessages() {}

  static ExchangeRequest request(ExchangeTokenRequest message, Caller caller) {
    return new ExchangeRequest(
        message.getAudience(),
        message.getSubjectToken(),
        message.getSubjectTokenType(),
        message.getScopesList(),
        lifetime(message),
        !message.getActorToken().isEmpty() || !message.getActorTokenType().isEmpty(),
        EDGE,
        caller.peer(),
        caller.keys(),
        client(message, PresentedCaller.ofHeader(caller.authorization())),
        List.of());
  }

  /**
   * The client of the message, or of {@code Basic} in the metadata; a client proves itself once.
   */
  private static PresentedClient client(ExchangeTokenRequest message, PresentedClient header) {
    String type = message.getClientAssertionType();
    boolean jwt = type.isEmpty() && !message.getClientAssertion().isEmpty();
    PresentedSecret basic = header.secret();
    return new PresentedClient(
        header.id(),
        basic == null ? null : new PresentedSecret(basic.octets(), PresentedSecret.In.METADATA),
        message.getClientAssertion(),
        jwt ? ClientAuthenticator.JWT_BEARER : type,
        false);
  }

  // A duration beyond protobuf's range becomes zero, which the request rules refuse.
  private static @Nullable Duration lifetime(ExchangeTokenRequest message) {
    if (!message.hasLifetime()) {
      return null;
    }
    var lifetime = message.getLifetime();
    return Durations.isValid(lifetime)
        ? Duration.ofSeconds(lifetime.getSeconds(), lifetime.getNanos())
        : Duration.ZERO;
  }

  static ExchangeTokenResponse response(IssuedToken token, Instant refreshTime, Verdict verdict) {
    return ExchangeTokenResponse.newBuilder()
        // The JDK encodes a string at once. Protobuf would go through its characters twice.
        .setAccessTokenBytes(ByteString.copyFromUtf8(token.value()))
        .setTokenTypeBytes(ByteString.copyFromUtf8(token.tokenTypeLabel()))
        .setIssuedTokenTypeBytes(ByteString.copyFromUtf8(token.issuedTokenType()))
        .setExpireTime(VerdictMessages.timestamp(token.expireTime()))
        .setRefreshTime(VerdictMessages.timestamp(refreshTime))
        .addAllScopes(token.scopes())
        .setVerdictIdBytes(ByteString.copyFromUtf8(verdict.id()))
        .build();
  }
}
