package dev.tokenbroker.drill;

import dev.tokenbroker.judge.issuer.FakeIssuer;

/**
 * One token that the drilled broker minted, and that serves as a credential until it is revoked.
 */
final class OwnTokens {

  private final DrillIssuer issuer;
  private String token = "";

  OwnTokens(DrillIssuer issuer) {
    this.issuer = issuer;
  }

  String token() {
    if (token.isEmpty()) {
      token = DrillIT.broker().mint(issuer.credential().sign(), FakeIssuer.AUDIENCE);
    }
    return token;
  }

  void revoke() {
    DrillIT.broker().revoke(token());
  }
}
