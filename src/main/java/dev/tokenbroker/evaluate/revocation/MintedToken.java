package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.TokenFacts;
import dev.tokenbroker.judge.credential.AuthenticJwt;
import dev.tokenbroker.judge.possession.Confirmation;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.possession.TokenType;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An access token that this broker minted and that has not expired. Only {@link MintedTokens} makes
 * instances, so an instance is the proof. The token may be revoked or not valid yet. Immutable.
 */
public final class MintedToken {

  private final String id;
  private final AuthenticJwt jwt;

  MintedToken(String id, AuthenticJwt jwt) {
    this.id = id;
    this.jwt = jwt;
  }

  /** Its {@code jti}. */
  public String id() {
    return id;
  }

  /** Its {@code iss}, which is ours. */
  public String issuer() {
    return jwt.issuer();
  }

  /** Its {@code sub}. */
  public String subject() {
    return jwt.subject();
  }

  /** Its {@code aud}. */
  public List<String> audiences() {
    return jwt.audiences();
  }

  /** Its {@code exp}. */
  public Instant expireTime() {
    return jwt.expireTime();
  }

  /** Its {@code iat}. */
  public Instant issueTime() {
    return Objects.requireNonNull(jwt.issueTime());
  }

  /** Its {@code scope}, in the order of the token; empty if it has none. */
  public List<String> scopes() {
    return jwt.claims().get("scope") instanceof String scope && !scope.isEmpty()
        ? Arrays.asList(scope.split(" "))
        : List.of();
  }

  /** Whether it is for the broker itself, and its {@code typ} is that of RFC 9068 section 4. */
  boolean isForBroker() {
    return audiences().contains(BrokerTokens.AUDIENCE)
        && MintedTokens.ACCESS_TOKEN_TYPES.contains(jwt.type());
  }

  /** Whether it grants that right while it is active. */
  boolean gives(Right right) {
    return isForBroker() && scopes().contains(right.scope());
  }

  /** Its {@code client_id}; null if it has none. */
  public @Nullable String clientId() {
    return jwt.claims().get("client_id") instanceof String id ? id : null;
  }

  /**
   * The refusal of a caller that may not present the token in this way with these keys; empty if it
   * may. See {@link Confirmation#unmetBy} (RFC 9449 section 7.1, RFC 8705 section 3).
   */
  Optional<Refusal> unmetBy(PresentedToken presented, ProvedKeys keys) {
    return Confirmation.unmetBy(jwt.claims(), presented.type(), presented.value(), keys);
  }

  /** Its {@code cnf} (RFC 7800 section 3.1); empty if the token is bound to no key. */
  public Map<String, Object> confirmation() {
    Object claim = jwt.claims().get(Confirmation.CLAIM);
    if (claim instanceof Map<?, ?> members) {
      return members.entrySet().stream()
          .collect(
              Collectors.toUnmodifiableMap(
                  member -> (String) member.getKey(), Map.Entry::getValue));
    }
    return Map.of();
  }

  /** The token type with which callers present it (RFC 6749 section 7.1, RFC 9449 section 7.1). */
  public String tokenType() {
    TokenType type = confirmation().containsKey("jkt") ? TokenType.DPOP : TokenType.BEARER;
    return type.label();
  }

  /** What a record of its revocation says. */
  public TokenFacts facts() {
    return new TokenFacts(id, audiences(), subject(), scopes(), issueTime(), expireTime());
  }

  @Override
  public String toString() {
    return "MintedToken[id=" + id + ", expireTime=" + expireTime() + "]";
  }
}
