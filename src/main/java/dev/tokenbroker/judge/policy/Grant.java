package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a rule allows a token: only {@link Policy} makes one.
 *
 * <p>Immutable. A token never outlives its credential, unless the rule allows it. A credential
 * accepted in its leeway counts as ending at {@code exp} plus leeway.
 */
public final class Grant {

  private final String audience;
  private final String rule;
  private final String subject;
  private final @Nullable String client;
  private final List<String> scopes;
  private final Map<String, Object> claims;
  private final Supply supply;
  private final Binding binding;
  private final @Nullable Duration lifetime;
  private final @Nullable Instant notAfter;

  Grant(
      String audience,
      String rule,
      String subject,
      @Nullable String client,
      List<String> scopes,
      Map<String, Object> claims,
      Supply supply,
      Binding binding,
      @Nullable Duration lifetime,
      @Nullable Instant notAfter) {
    this.audience = audience;
    this.rule = rule;
    this.subject = subject;
    this.client = client;
    this.scopes = List.copyOf(scopes);
    this.claims = Map.copyOf(claims);
    this.supply = supply;
    this.binding = binding;
    this.lifetime = lifetime;
    this.notAfter = notAfter;
  }

  /**
   * The same proof without extra claims and terms that only its request needs, to be kept once the
   * token is made.
   */
  public Grant withoutClaims() {
    return new Grant(
        audience,
        rule,
        subject,
        client,
        scopes,
        Map.of(),
        supply.kept(),
        binding,
        lifetime,
        notAfter);
  }

  /** The {@code aud} of the token. */
  public String audience() {
    return audience;
  }

  /** The rule that granted it. */
  public String rule() {
    return rule;
  }

  /** The {@code sub} of the token. */
  public String subject() {
    return subject;
  }

  /** The client that the token is issued to; null if none has proved itself. */
  public @Nullable String client() {
    return client;
  }

  /** The scopes that were both requested and granted, sorted. */
  public List<String> scopes() {
    return scopes;
  }

  /**
   * Extra claims: strings, longs, finite doubles, booleans, and lists and maps of them; none with a
   * registered name. Empty after {@link #withoutClaims}.
   */
  public Map<String, Object> claims() {
    return claims;
  }

  /** The source of the token. */
  public Supply supply() {
    return supply;
  }

  /**
   * The end of a token that would end at that moment: not past {@link #notAfter()}, in whole
   * seconds, and at least a second after it begins, so that no token expires before.
   */
  public Instant cut(Instant end, Instant begin) {
    Instant cut = notAfter != null && notAfter.isBefore(end) ? notAfter : end;
    Instant earliest = begin.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    return cut.isBefore(earliest) ? earliest : cut.truncatedTo(ChronoUnit.SECONDS);
  }

  /** The binding of the token; none where an upstream makes it. */
  public Binding binding() {
    return binding;
  }

  /**
   * How long the token may live, apart from {@link #notAfter()}; null where an upstream makes it
   * and the caller requests no lifetime.
   */
  public @Nullable Duration lifetime() {
    return lifetime;
  }

  /**
   * The refusal of a token at that moment: {@code CREDENTIAL_EXPIRED} where the credential has
   * ended since it was verified, and the rule does not let the token outlive it; else empty.
   */
  public Optional<Refusal> endedBy(Instant now) {
    return notAfter == null || now.isBefore(notAfter)
        ? Optional.empty()
        : Optional.of(
            Refusal.of(RefusalReason.CREDENTIAL_EXPIRED)
                .expected("now (" + now + ") before the end of the credential")
                .seen("one that ended at " + notAfter + ", while it was being exchanged"));
  }

  /**
   * The end of the credential, and so of the token: its {@code exp}, or {@code exp} plus leeway
   * where it was accepted in its leeway. Null where the rule lets the token outlive it.
   */
  public @Nullable Instant notAfter() {
    return notAfter;
  }
}
