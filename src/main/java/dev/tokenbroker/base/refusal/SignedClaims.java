package dev.tokenbroker.base.refusal;

import java.util.Map;

/**
 * The claims of a credential that a trusted issuer signed. They prove nothing else: the credential
 * may be meant for another audience. The text of this object shows no claim.
 */
public final class SignedClaims {

  private final Map<String, Object> values;

  /**
   * @param values the claims by name, deeply immutable, after the check of the signature
   */
  public SignedClaims(Map<String, Object> values) {
    this.values = values;
  }

  /** The claims by name; the values have the types of a JSON reader. */
  public Map<String, Object> values() {
    return values;
  }

  @Override
  public String toString() {
    return "SignedClaims";
  }
}
