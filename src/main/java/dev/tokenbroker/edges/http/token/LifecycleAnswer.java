package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.evaluate.revocation.MintedToken;
import dev.tokenbroker.evaluate.revocation.TokenRevocation;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the responses of the endpoints for introspection and revocation. */
final class LifecycleAnswer {

  private static final int OK = 200;

  private LifecycleAnswer() {}

  /**
   * The response to an introspection (RFC 7662 section 2.2). It has the claims of an active token.
   * For any other token it says only that the token is not active.
   */
  static TokenAnswer introspected(Outcome<Optional<MintedToken>> outcome, ReceivedForm form) {
    return switch (outcome) {
      case Outcome.Accepted<Optional<MintedToken>>(Optional<MintedToken> token) -> {
        Map<String, Object> members =
            token.map(LifecycleAnswer::active).orElseGet(() -> Map.of("active", false));
        yield new TokenAnswer(OK, Map.of(), Buffer.buffer(JsonBytes.of(members)));
      }
      case Outcome.Refused<Optional<MintedToken>>(Refusal refusal) -> refused(refusal, form);
    };
  }

  /**
   * The response to a revocation (RFC 7009 section 2.2). It is the same for a token that was valid
   * and for an unknown token.
   */
  static TokenAnswer revoked(Outcome<TokenRevocation.RevocationResult> outcome, ReceivedForm form) {
    return switch (outcome) {
      case Outcome.Accepted<TokenRevocation.RevocationResult> _ ->
          new TokenAnswer(OK, Map.of(), Buffer.buffer());
      case Outcome.Refused<TokenRevocation.RevocationResult>(Refusal refusal) ->
          refused(refusal, form);
    };
  }

  /**
   * The response to a refusal, with a challenge if the caller is not accepted (RFC 6750 section 3).
   */
  private static TokenAnswer refused(Refusal refusal, ReceivedForm form) {
    return RefusalResponse.ofCaller(refusal, form.authorization());
  }

  private static Map<String, Object> active(MintedToken token) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("active", true);
    JsonBytes.putUnlessEmpty(members, "scope", String.join(" ", token.scopes()));
    JsonBytes.putUnlessEmpty(members, "client_id", token.clientId());
    members.put("token_type", token.tokenType());
    members.put("exp", token.expireTime().getEpochSecond());
    members.put("iat", token.issueTime().getEpochSecond());
    members.put("sub", token.subject());
    List<String> audiences = token.audiences();
    members.put("aud", audiences.size() == 1 ? audiences.getFirst() : audiences);
    members.put("iss", token.issuer());
    members.put("jti", token.id());
    JsonBytes.putUnlessEmpty(members, "cnf", token.confirmation());
    return members;
  }
}
