package dev.tokenbroker.policy;

/**
 * Which identities of one issuer may have one target, and what they get.
 *
 * @param name its name in the federation document
 * @param issuerName the name of the issuer in the federation document
 * @param audience the target
 * @param when what must hold of the identity
 * @param terms what is granted where it holds
 * @param disabled whether an identity of which it holds is refused; rules after it are not asked
 */
public record Rule(
    String name,
    String issuerName,
    String audience,
    Condition when,
    Terms terms,
    boolean disabled) {

  /** Whether a token may live longer than the credential that it was given for. */
  public boolean outlivesCredential() {
    return terms.outlivesCredential();
  }
}
