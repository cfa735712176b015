package dev.tokenbroker.sts;

import dev.tokenbroker.credential.PresentedCredential;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.policy.Supply;
import dev.tokenbroker.signing.IssuedToken;
import java.time.Instant;
import java.util.List;

/**
 * What an upstream is asked for.
 *
 * @param grant what the rule allows
 * @param exchange what the target says of the request
 * @param credential the credential that came in
 * @param now when the evaluation began: a lifetime that the caller asks for counts from here
 */
record Wanted(Grant grant, Supply.Exchange exchange, PresentedCredential credential, Instant now) {

  /**
   * The proof that a token may be had there.
   *
   * @throws IllegalArgumentException where the grant says that the token is minted
   */
  static Wanted of(Grant grant, PresentedCredential credential, Instant now) {
    if (!(grant.supply() instanceof Supply.Exchange exchange)) {
      throw new IllegalArgumentException("the token of this grant is not had from an upstream");
    }
    return new Wanted(grant, exchange, credential, now);
  }

  /** What kind of token it is, as RFC 8693 section 3 names it. */
  String tokenType() {
    return exchange
        .parameters()
        .getOrDefault(TokenForm.REQUESTED_TOKEN_TYPE, IssuedToken.ACCESS_TOKEN);
  }

  /** The scopes to ask for: those that the target names, otherwise those granted. */
  List<String> scopes() {
    List<String> named = exchange.scopes();
    return named == null ? grant.scopes() : named;
  }
}
