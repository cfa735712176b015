package dev.tokenbroker.issue.sts;

import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.http.BearerToken;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one request to an upstream is for.
 *
 * @param grant what the rule allows
 * @param supply what the target says about the request
 * @param credential what speaks for the identity: the caller's credential, or a JWT that the broker
 *     minted for the attempt
 * @param now when the evaluation began: a lifetime that the caller asks for counts from here
 * @param actor the broker's own token, as the actor token; null if the upstream gets none
 */
public record Wanted(
    Grant grant,
    Supply.Upstreamed supply,
    PresentedCredential credential,
    Instant now,
    @Nullable BearerToken actor) {

  /**
   * The parameters for a grant whose token comes from an upstream.
   *
   * @throws IllegalArgumentException if the grant says that the token is minted
   */
  static Wanted of(Grant grant, PresentedCredential credential, Instant now) {
    Supply.Upstreamed supply =
        grant
            .supply()
            .fromUpstream()
            .orElseThrow(() -> new IllegalArgumentException("no upstream issues this token"));
    return new Wanted(grant, supply, credential, now, null);
  }

  /** The same parameters with that token of the broker as the actor token. */
  Wanted withActor(BearerToken own) {
    return new Wanted(grant, supply, credential, now, own);
  }

  /** The same request with another credential, for one attempt. */
  Wanted presenting(PresentedCredential other) {
    return new Wanted(grant, supply, other, now, actor);
  }

  /**
   * What the target says about the request, in the terms of its kind.
   *
   * @throws ClassCastException if the target is of another kind than the upstream
   */
  public <T extends Supply.Upstreamed> T terms(Class<T> kind) {
    return kind.cast(supply);
  }

  /** What the target says about a request to a security token service. */
  Supply.Exchange exchange() {
    return terms(Supply.Exchange.class);
  }

  /** The requested kind of token, as RFC 8693 section 3 names it. */
  String tokenType() {
    return exchange()
        .parameters()
        .getOrDefault(TokenForm.REQUESTED_TOKEN_TYPE, IssuedToken.ACCESS_TOKEN);
  }

  /** The scopes to request: those that the target names, otherwise those granted. */
  List<String> scopes() {
    List<String> named = exchange().scopes();
    return named == null ? grant.scopes() : named;
  }

  /**
   * The issued scopes that were not requested. Empty if the target allows more scopes, or if none
   * were requested: then the upstream chooses them (RFC 6749 section 3.3).
   */
  List<String> surplus(List<String> issued) {
    List<String> requested = scopes();
    return requested.isEmpty() || exchange().allowMoreScopes()
        ? List.of()
        : issued.stream().filter(scope -> !requested.contains(scope)).sorted().toList();
  }
}
