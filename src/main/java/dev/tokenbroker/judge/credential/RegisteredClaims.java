package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.base.json.JsonKind;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The registered claims (RFC 7519 section 4.1) that this package checks, in their types.
 *
 * @param audiences {@code aud}: at least one and at most {@value #MAX_AUDIENCES}
 * @param expireTime {@code exp}
 * @param notBefore {@code nbf}; null if absent
 * @param issueTime {@code iat}; null if absent
 */
record RegisteredClaims(
    String issuer,
    String subject,
    List<String> audiences,
    Instant expireTime,
    @Nullable Instant notBefore,
    @Nullable Instant issueTime) {

  static final int MAX_AUDIENCES = 64;

  private static final List<String> REQUIRED = List.of("iss", "sub", "aud", "exp");

  /**
   * Reads the claims. A refusal is {@code CLAIM_MISSING}, {@code CREDENTIAL_MALFORMED} or {@code
   * CREDENTIAL_TOO_LARGE}.
   */
  static Outcome<RegisteredClaims> read(Map<String, Object> claims) {
    for (String name : REQUIRED) {
      if (!claims.containsKey(name)) {
        return Outcome.refused(missing(claims));
      }
    }
    ClaimsReader reader = new ClaimsReader(claims);
    String issuer = reader.text("iss");
    String subject = reader.text("sub");
    List<String> audiences = reader.texts("aud");
    Instant expireTime = reader.date("exp");
    Instant notBefore = claims.containsKey("nbf") ? reader.date("nbf") : null;
    Instant issueTime = claims.containsKey("iat") ? reader.date("iat") : null;
    return reader.refusal == null
        ? Outcome.accepted(
            new RegisteredClaims(issuer, subject, audiences, expireTime, notBefore, issueTime))
        : Outcome.refused(reader.refusal);
  }

  private static Refusal missing(Map<String, Object> claims) {
    List<String> missing = REQUIRED.stream().filter(name -> !claims.containsKey(name)).toList();
    return Refusal.of(RefusalReason.CLAIM_MISSING)
        .expected("the claims " + String.join(", ", REQUIRED))
        .seen("no " + String.join(", no ", missing));
  }

  /** Reads single claims and keeps the first refusal. */
  private static final class ClaimsReader {

    private final Map<String, Object> claims;
    private @Nullable Refusal refusal;

    ClaimsReader(Map<String, Object> claims) {
      this.claims = claims;
    }

    String text(String name) {
      if (claims.get(name) instanceof String text && !text.isEmpty()) {
        return text;
      }
      fail(name, "a string that is not empty", JsonKind.of(claims.get(name)));
      return "";
    }

    List<String> texts(String name) {
      List<?> elements =
          switch (claims.get(name)) {
            case String text -> List.of(text);
            case List<?> list -> list;
            case null, default -> List.of();
          };
      if (elements.size() > MAX_AUDIENCES) {
        refuse(
            Refusal.of(RefusalReason.CREDENTIAL_TOO_LARGE)
                .expected("as the claim " + name + " at most " + MAX_AUDIENCES + " strings")
                .seen(elements.size() + " values"));
      } else if (elements.isEmpty() || !elements.stream().allMatch(String.class::isInstance)) {
        fail(
            name,
            "a string, or a list of 1 to " + MAX_AUDIENCES + " strings",
            texts(elements, name));
      }
      return elements.stream().map(String::valueOf).toList();
    }

    Instant date(String name) {
      Object value = claims.get(name);
      Optional<Instant> date = value == null ? Optional.empty() : NumericDate.read(value);
      if (date.isEmpty()) {
        fail(
            name,
            "seconds since 1970, up to the year 9999, as a number",
            JsonKind.withValue(value),
            value != null && NumericDate.isMilliseconds(value)
                ? "It looks like milliseconds; RFC 7519 section 2 wants seconds."
                : anotherForm(name));
      }
      return date.orElse(Instant.EPOCH);
    }

    /** What came as a list of strings. */
    private String texts(List<?> elements, String name) {
      return elements.stream()
          .filter(element -> !(element instanceof String))
          .findFirst()
          .filter(_ -> claims.get(name) instanceof List<?>)
          .map(odd -> JsonKind.of(elements) + ", with " + JsonKind.of(odd) + " among them")
          .orElseGet(() -> JsonKind.of(claims.get(name)));
    }

    private void fail(String name, String expected, String seen) {
      fail(name, expected, seen, anotherForm(name));
    }

    private void fail(String name, String expected, String seen, String hint) {
      refuse(
          Refusal.of(RefusalReason.CREDENTIAL_MALFORMED)
              .expected("as the claim " + name + " " + expected)
              .seen(seen)
              .hint(hint));
    }

    /** The remedy of the reason is about a token that was changed on its way. */
    private static String anotherForm(String name) {
      return "It is a JWT, but its issuer must write the claim "
          + name
          + " in the form expected; sending it again does not help.";
    }

    private void refuse(Refusal why) {
      if (refusal == null) {
        refusal = why;
      }
    }
  }
}
