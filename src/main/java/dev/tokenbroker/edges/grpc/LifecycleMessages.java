package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.revocation.MintedToken;
import dev.tokenbroker.v1.IntrospectTokenResponse;
import dev.tokenbroker.v1.TokenConfirmation;
import java.util.Optional;

/** Translates the results of introspection into API messages. It decides nothing. */
final class LifecycleMessages {

  private LifecycleMessages() {}

  /**
   * The response with the claims of an active token. The response for any other token only says
   * that it is not active (RFC 7662 section 2.2).
   */
  static IntrospectTokenResponse response(Optional<MintedToken> active) {
    return active
        .map(LifecycleMessages::response)
        .orElse(IntrospectTokenResponse.getDefaultInstance());
  }

  private static IntrospectTokenResponse response(MintedToken token) {
    var message =
        IntrospectTokenResponse.newBuilder()
            .setActive(true)
            .addAllScopes(token.scopes())
            .setTokenType(token.tokenType())
            .setExpireTime(VerdictMessages.timestamp(token.expireTime()))
            .setIssueTime(VerdictMessages.timestamp(token.issueTime()))
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
