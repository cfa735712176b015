package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.jose.StrictJson;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.possession.TokenType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A token of an upstream as replicas pass it on: the token, and what it was issued for.
 *
 * @param terms what must hold for a replica that hands it out
 * @param verdictId the id of the evaluation that got it
 * @param token the token; its times are whole seconds
 */
record SharedToken(SharedTerms terms, String verdictId, IssuedToken token) {

  private static final String VERDICT = "verdict";
  private static final String VALUE = "value";
  private static final String ID = "jti";
  private static final String ISSUED = "issued";
  private static final String EXPIRES = "expires";
  private static final String SCOPES = "scopes";
  private static final String ISSUED_TYPE = "issued_token_type";
  private static final String TYPE = "token_type";

  private static final Set<String> MEMBERS =
      Set.of(VERDICT, VALUE, ID, ISSUED, EXPIRES, SCOPES, ISSUED_TYPE, TYPE);

  /** The content to seal, in JSON. */
  byte[] json() {
    Map<String, Object> members = new HashMap<>(terms.members());
    members.put(VERDICT, verdictId);
    members.put(VALUE, token.value());
    members.put(ID, token.id());
    members.put(ISSUED, token.issueTime().getEpochSecond());
    members.put(EXPIRES, token.expireTime().getEpochSecond());
    members.put(SCOPES, String.join(" ", token.scopes()));
    members.put(ISSUED_TYPE, token.issuedTokenType());
    members.put(TYPE, token.tokenTypeLabel());
    return JsonBytes.of(members);
  }

  /** Reads a content; empty unless it has every member, no other, and each is of its type. */
  static Optional<SharedToken> parse(byte[] content) {
    if (!(StrictJson.object(content, "a shared token", StrictJson.Nulls.REFUSED)
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members))
        || members.size() != MEMBERS.size() + SharedTerms.MEMBERS.size()) {
      return Optional.empty();
    }
    return SharedTerms.parse(members).flatMap(terms -> token(terms, members));
  }

  private static Optional<SharedToken> token(SharedTerms terms, Map<String, Object> members) {
    if (members.get(VERDICT) instanceof String verdictId
        && members.get(VALUE) instanceof String value
        && members.get(ID) instanceof String id
        && id.equals(Sha256.name(value.getBytes(StandardCharsets.UTF_8)))
        && members.get(ISSUED) instanceof Long issued
        && members.get(EXPIRES) instanceof Long expires
        && isTime(issued)
        && isTime(expires)
        && members.get(SCOPES) instanceof String scopes
        && members.get(ISSUED_TYPE) instanceof String issuedType
        && members.get(TYPE) instanceof String label) {
      Optional<TokenType> type =
          Arrays.stream(TokenType.values()).filter(one -> one.label().equals(label)).findFirst();
      return type.isEmpty() && !label.equals(IssuedToken.NOT_APPLICABLE)
          ? Optional.empty()
          : Optional.of(
              new SharedToken(
                  terms,
                  verdictId,
                  new IssuedToken(
                      value,
                      id,
                      Instant.ofEpochSecond(issued),
                      Instant.ofEpochSecond(expires),
                      scopes.isEmpty() ? List.of() : List.of(scopes.split(" ", -1)),
                      issuedType,
                      type.orElse(null))));
    }
    return Optional.empty();
  }

  private static boolean isTime(long seconds) {
    return seconds >= 0 && seconds <= Instant.MAX.getEpochSecond();
  }
}
