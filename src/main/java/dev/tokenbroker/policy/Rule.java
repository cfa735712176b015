package dev.tokenbroker.policy;

/**
 * Which identities of one issuer may have one target, and what they get. Immutable to who looks.
 */
public final class Rule {

  private final String name;
  private final String issuerName;
  private final String audience;
  private final Condition when;
  private final Terms terms;
  private final boolean disabled;
  private final String rejection;

  /** The same for nearly all who lack a claim that the rule reads; whichever it is, it is one. */
  private volatile String lastRejection;

  /**
   * @param name its name in the federation document
   * @param issuerName the name of the issuer in the federation document
   * @param audience the target
   * @param when what must hold of the identity
   * @param terms what is granted where it holds
   * @param disabled whether an identity of which it holds is refused; rules after it are not asked
   */
  public Rule(
      String name,
      String issuerName,
      String audience,
      Condition when,
      Terms terms,
      boolean disabled) {
    this.name = name;
    this.issuerName = issuerName;
    this.audience = audience;
    this.when = when;
    this.terms = terms;
    this.disabled = disabled;
    this.rejection = "rule " + name + " does not hold";
    this.lastRejection = rejection;
  }

  /** Its name in the federation document. */
  public String name() {
    return name;
  }

  /** The name of the issuer in the federation document. */
  public String issuerName() {
    return issuerName;
  }

  /** The target. */
  public String audience() {
    return audience;
  }

  /** What must hold of the identity. */
  public Condition when() {
    return when;
  }

  /** What is granted where it holds. */
  public Terms terms() {
    return terms;
  }

  /** Whether an identity of which it holds is refused; rules after it are not asked. */
  public boolean disabled() {
    return disabled;
  }

  /** Whether a token may live longer than the credential that it was given for. */
  public boolean outlivesCredential() {
    return terms.outlivesCredential();
  }

  /** That it does not hold: one text for all verdicts, which are kept by the thousand. */
  String rejection() {
    return rejection;
  }

  /** The same with what is missing: one text for as long as the same is. */
  String rejection(String detail) {
    String text = rejection + ": " + detail;
    String last = lastRejection;
    if (last.equals(text)) {
      return last;
    }
    lastRejection = text;
    return text;
  }
}
