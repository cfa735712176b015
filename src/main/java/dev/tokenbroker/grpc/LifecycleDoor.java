package dev.tokenbroker.grpc;

import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.lifecycle.TokenIntrospection;
import dev.tokenbroker.lifecycle.TokenRevocation;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.token.MintedToken;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import dev.tokenbroker.v1.IntrospectTokenResponse;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.RevokeTokenResponse;
import dev.tokenbroker.v1.TokenConfirmation;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The calls that ask about tokens and take them back: translates messages, and decides nothing. The
 * token of a message is judged only once the caller is known.
 */
@Singleton
final class LifecycleDoor {

  private final Provider<TokenIntrospection> introspection;
  private final Provider<TokenRevocation> revocation;
  private final Handover handover;

  LifecycleDoor(
      Provider<TokenIntrospection> introspection,
      Provider<TokenRevocation> revocation,
      Handover handover) {
    this.introspection = introspection;
    this.revocation = revocation;
    this.handover = handover;
  }

  void introspect(
      IntrospectTokenRequest message,
      Caller caller,
      StreamObserver<IntrospectTokenResponse> answer) {
    String token = message.getToken(); // What waits does not keep the message.
    offLoop(
        answer,
        () ->
            introspection
                .get()
                .introspect(caller.presented(), () -> given(token), caller.deadline())
                .map(LifecycleDoor::response));
  }

  void revoke(
      RevokeTokenRequest message, Caller caller, StreamObserver<RevokeTokenResponse> answer) {
    String token = message.getToken();
    offLoop(
        answer,
        () ->
            revocation
                .get()
                .revoke(caller.presented(), () -> given(token), caller.deadline())
                .map(_ -> RevokeTokenResponse.getDefaultInstance()));
  }

  private <A> void offLoop(StreamObserver<A> answer, Supplier<Outcome<A>> outcome) {
    handover.offLoop(answer, Kind.LIFECYCLE, () -> granted(outcome.get()));
  }

  private static <A> A granted(Outcome<A> outcome) {
    return switch (outcome) {
      case Outcome.Accepted<A>(A message) -> message;
      case Outcome.Refused<A>(Refusal refusal) -> throw RefusalStatus.ofCaller(refusal);
    };
  }

  private static Outcome<String> given(String token) {
    return token.isEmpty()
        ? Outcome.refused(Refusal.of(RefusalReason.REQUEST_INVALID).expected("must be given"))
        : Outcome.accepted(token);
  }

  private static IntrospectTokenResponse response(Optional<MintedToken> active) {
    return active.map(LifecycleDoor::response).orElse(IntrospectTokenResponse.getDefaultInstance());
  }

  private static IntrospectTokenResponse response(MintedToken token) {
    var message =
        IntrospectTokenResponse.newBuilder()
            .setActive(true)
            .addAllScopes(token.scopes())
            .setTokenType(token.tokenType())
            .setExpireTime(ExchangeMessages.timestamp(token.expireTime()))
            .setIssueTime(ExchangeMessages.timestamp(token.issueTime()))
            .setSubject(token.subject())
            .addAllAudiences(token.audiences())
            .setIssuer(token.issuer())
            .setTokenId(token.id());
    String clientId = token.clientId();
    if (clientId != null) {
      message.setClientId(clientId);
    }
    if (!token.confirmation().isEmpty()) {
      message.setConfirmation(
          TokenConfirmation.newBuilder()
              .setCertificateThumbprint(member(token, "x5t#S256"))
              .setKeyThumbprint(member(token, "jkt")));
    }
    return message.build();
  }

  private static String member(MintedToken token, String name) {
    return token.confirmation().get(name) instanceof String text ? text : "";
  }
}
