package dev.tokenbroker.judge.possession;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token from the header {@code Authorization} (RFC 6750 section 2.1, RFC 9449 section 7.1), still
 * unchecked.
 *
 * @param type the scheme of the header
 * @param value the token itself; {@link #toString()} keeps it out of logs
 */
public record PresentedToken(TokenType type, String value) {

  /** The form of a token in a header, by RFC 9110 section 11.2. */
  private static final Pattern FORM =
      Pattern.compile("(?<scheme>[A-Za-z]{1,16}) +(?<token>[A-Za-z0-9._~+/-]+=*)");

  /** The token in that header; empty where there is none. */
  public static Optional<PresentedToken> parse(String authorization) {
    Matcher parts = FORM.matcher(authorization);
    return parts.matches()
        ? TokenType.ofScheme(parts.group("scheme"))
            .map(type -> new PresentedToken(type, parts.group("token")))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "PresentedToken[type=" + type + "]";
  }
}
