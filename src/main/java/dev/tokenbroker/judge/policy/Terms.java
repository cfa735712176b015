package dev.tokenbroker.judge.policy;

import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.StepBudget;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.target.Supply;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grant of a rule.
 *
 * @param subject makes the {@code sub} of the token; null for the credential's own subject, or for
 *     {@code client:NAME} where a client presents its own assertion
 * @param scopes the scopes granted, sorted and without duplicates
 * @param claims extra claims by name, sorted; none of {@link #RESERVED_CLAIMS}
 * @param part makes the part of the target that the token is for, as the kind of target reads it;
 *     null for all of it
 * @param outlivesCredential whether a token may live longer than the credential
 */
public record Terms(
    @Nullable Expression subject,
    List<String> scopes,
    Map<String, Expression> claims,
    @Nullable Expression part,
    boolean outlivesCredential) {

  /** The longest subject, in characters. */
  public static final int MAX_SUBJECT_CHARS = 255;

  /** Control characters, line and paragraph separators, halves of surrogate pairs. */
  private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]");

  /**
   * Claims that this broker sets, or that a rule must not forge because of their meaning: RFC 7519
   * section 4.1, RFC 9068 section 2.2, RFC 8693 section 4, RFC 7800, OpenID Connect Core.
   */
  public static final Set<String> RESERVED_CLAIMS =
      Set.of(
          """
          iss sub aud exp nbf iat jti scope scp client_id cnf act may_act auth_time acr amr azp
          nonce at_hash c_hash s_hash sid sub_jwk sub_id events toe txn typ authorization_details
          token_introspection"""
              .split("\\s+", -1));

  /** Terms for all of a target. */
  public Terms(
      @Nullable Expression subject,
      List<String> scopes,
      Map<String, Expression> claims,
      boolean outlivesCredential) {
    this(subject, scopes, claims, null, outlivesCredential);
  }

  public Terms {
    scopes = scopes.stream().distinct().sorted().toList();
    claims = Collections.unmodifiableMap(new TreeMap<>(claims));
    for (String claim : claims.keySet()) {
      if (RESERVED_CLAIMS.contains(claim)) {
        throw new IllegalArgumentException("reserved claim: " + claim);
      }
    }
  }

  /**
   * The values of the terms for one identity.
   *
   * @param subject fit to be a {@code sub}
   * @param claims fit for {@link Grant#claims()}
   * @param supply the source of the token, for this identity
   */
  record Given(String subject, Map<String, Object> claims, Supply supply) {}

  /** Evaluates; never {@code Missing}, since the deciding rule must have values for its terms. */
  Evaluated<Given> evaluate(Supply supply, Facts facts, StepBudget budget) {
    return switch (evaluatedSubject(facts, budget)) {
      case Evaluated.Value<String>(String sub) ->
          switch (evaluatedClaims(facts, budget)) {
            case Evaluated.Value<Map<String, Object>>(Map<String, Object> values) ->
                given(sub, values, supply.of(facts, sub, part, budget));
            case Evaluated.Missing<Map<String, Object>> missing -> missing.as();
            case Evaluated.Failed<Map<String, Object>> failed -> failed.as();
          };
      case Evaluated.Missing<String>(String detail) ->
          new Evaluated.Failed<>("its subject reads a claim that is missing", detail);
      case Evaluated.Failed<String> failed -> failed.of("its subject");
    };
  }

  private static Evaluated<Given> given(
      String sub, Map<String, Object> values, Evaluated<Supply> supply) {
    return switch (supply) {
      case Evaluated.Value<Supply>(Supply own) ->
          new Evaluated.Value<>(new Given(sub, values, own));
      case Evaluated.Missing<Supply> missing -> missing.as();
      case Evaluated.Failed<Supply> failed -> failed.as();
    };
  }

  private Evaluated<String> evaluatedSubject(Facts facts, StepBudget budget) {
    if (subject == null) {
      return checkedSubject(facts.ownSubject(), facts);
    }
    return switch (subject.evaluate(facts, budget)) {
      case Evaluated.Value<Object>(String text) -> checkedSubject(text, facts);
      case Evaluated.Value<Object>(Object other) ->
          new Evaluated.Failed<>("is not a string", other.getClass().getSimpleName());
      case Evaluated.Missing<Object> missing -> missing.as();
      case Evaluated.Failed<Object> failed -> failed.as();
    };
  }

  private Evaluated<Map<String, Object>> evaluatedClaims(Facts facts, StepBudget budget) {
    if (claims.isEmpty()) {
      return new Evaluated.Value<>(Map.of());
    }
    Map<String, Object> values = new HashMap<>();
    ClaimValues checker = new ClaimValues();
    for (Map.Entry<String, Expression> claim : claims.entrySet()) {
      String part = "its claim " + claim.getKey();
      switch (claim.getValue().evaluate(facts, budget)) {
        case Evaluated.Value<Object>(Object value) -> {
          Object fit = checker.fit(claim.getKey(), value);
          if (fit == null) {
            return new Evaluated.Failed<>(part + " is no JSON value, or is too large", "");
          }
          values.put(claim.getKey(), fit);
        }
        case Evaluated.Missing<Object>(String detail) -> {
          return new Evaluated.Failed<>(part + " reads a claim that is missing", detail);
        }
        case Evaluated.Failed<Object> failed -> {
          return failed.of(part);
        }
      }
    }
    return new Evaluated.Value<>(values);
  }

  private static Evaluated<String> checkedSubject(String text, Facts facts) {
    if (text.isEmpty()) {
      return new Evaluated.Failed<>("is empty", "");
    }
    if (text.length() > MAX_SUBJECT_CHARS) {
      return new Evaluated.Failed<>("is longer than " + MAX_SUBJECT_CHARS + " characters", "");
    }
    if (UNFIT.matcher(text).find()) {
      return new Evaluated.Failed<>("holds control characters", "");
    }
    if (text.startsWith(TrustedIssuer.CLIENT_PREFIX) && !text.equals(facts.issuerName())) {
      return new Evaluated.Failed<>(
          "begins with " + TrustedIssuer.CLIENT_PREFIX + ", which stands for a client", "");
    }
    return new Evaluated.Value<>(text);
  }
}
