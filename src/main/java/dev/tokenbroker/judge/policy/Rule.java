package dev.tokenbroker.judge.policy;

import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Grants identities of one issuer, by one client, or both, access to one target. Immutable, as seen
 * from outside.
 */
public final class Rule {

  private final String name;
  private final String issuerName;
  private final @Nullable String client;
  private final String audience;
  private final Condition when;
  private final Terms terms;
  private final boolean disabled;
  private final boolean shadow;
  private final @Nullable String file;
  private final Set<String> strangers;
  private final String rejection;

  /**
   * The last rejection with a detail: nearly all identities lack the same claim, so they share it.
   */
  private volatile String lastRejection;

  /**
   * @param name its name in the federation document
   * @param issuerName the name of the issuer in the federation document; empty for any issuer
   * @param audience the target
   * @param when the condition on the identity
   * @param terms the grant where the condition holds
   * @param disabled whether identities that match are refused; later rules are not tried
   */
  public Rule(
      String name,
      String issuerName,
      String audience,
      Condition when,
      Terms terms,
      boolean disabled) {
    this(name, issuerName, null, audience, when, terms, disabled, false, null, Set.of());
  }

  private Rule(
      String name,
      String issuerName,
      @Nullable String client,
      String audience,
      Condition when,
      Terms terms,
      boolean disabled,
      boolean shadow,
      @Nullable String file,
      Set<String> strangers) {
    this.name = name;
    this.issuerName = issuerName;
    this.client = client;
    this.audience = audience;
    this.when = when;
    this.terms = terms;
    this.disabled = disabled;
    this.shadow = shadow;
    this.file = file;
    this.strangers = strangers;
    this.rejection = (shadow ? "shadow rule " : "rule ") + name + " does not hold";
    this.lastRejection = rejection;
  }

  /** Its name in the federation document. */
  public String name() {
    return name;
  }

  /** The name of the issuer in the federation document; empty if the rule names only a client. */
  public String issuerName() {
    return issuerName;
  }

  /** The client that must present the credential; null if the rule demands none. */
  public @Nullable String client() {
    return client;
  }

  /** Whether the rule may be tried for identities of that issuer. */
  public boolean isFor(String issuer) {
    return issuerName.isEmpty() ? !strangers.contains(issuer) : issuerName.equals(issuer);
  }

  /** The same rule for that client alone. */
  public Rule by(@Nullable String known) {
    return new Rule(
        name, issuerName, known, audience, when, terms, disabled, shadow, file, strangers);
  }

  /** The target. */
  public String audience() {
    return audience;
  }

  /** The condition on the identity. */
  public Condition when() {
    return when;
  }

  /** The grant where the condition holds. */
  public Terms terms() {
    return terms;
  }

  /**
   * The same rule, which stands in that file of a document with several.
   *
   * @param strangers the issuers for which it is not, even if it names no issuer
   */
  public Rule in(String source, Set<String> strangers) {
    return new Rule(
        name,
        issuerName,
        client,
        audience,
        when,
        terms,
        disabled,
        shadow,
        source,
        Set.copyOf(strangers));
  }

  /** The file that it stands in; null if the document has only one. */
  public @Nullable String file() {
    return file;
  }

  /** The same rule, which refuses identities that match. */
  Rule disable() {
    return new Rule(name, issuerName, client, audience, when, terms, true, shadow, file, strangers);
  }

  /** The same rule as a shadow rule. */
  public Rule inShadow() {
    return new Rule(
        name, issuerName, client, audience, when, terms, disabled, true, file, strangers);
  }

  /** The expressions of the rule: its condition, and those of its terms. */
  public List<ClaimUses> uses() {
    List<ClaimUses> uses = new ArrayList<>();
    uses.add(when.uses());
    if (terms.subject() != null) {
      uses.add(terms.subject().uses());
    }
    terms.claims().values().forEach(claim -> uses.add(claim.uses()));
    if (terms.part() != null) {
      uses.add(terms.part().uses());
    }
    return uses;
  }

  /** Whether identities that match are refused; later rules are not tried. */
  public boolean disabled() {
    return disabled;
  }

  /** Whether it is evaluated and shown, and never decides. */
  public boolean shadow() {
    return shadow;
  }

  /** Whether a token may live longer than its credential. */
  public boolean outlivesCredential() {
    return terms.outlivesCredential();
  }

  /** The same text with the comparisons that failed. */
  String rejection(List<String> comparisons) {
    return rejection + ": " + String.join(", or ", comparisons);
  }

  /** The text for a condition that does not hold; one object for thousands of stored verdicts. */
  String rejection() {
    return rejection;
  }

  /** The same text with what is missing; one object while the detail stays the same. */
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
