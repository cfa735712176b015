package dev.tokenbroker.possession;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token as a caller presents it in the header {@code Authorization} (RFC 6750 section 2.1, RFC
 * 9449 section 7.1); nothing about it has been checked.
 *
 * @param type how it is presented
 * @param value the token itself; never logged, which {@link #toString()} sees to
 */
public record PresentedToken(TokenType type, String value) {

  /** RFC 9110 section 11.2, which is what a token has to look like in a header. */
  private static final Pattern FORM =
      Pattern.compile("(?<scheme>[A-Za-z]{1,16}) +(?<token>[A-Za-z0-9._~+/-]+=*)");

  /** The token of that header; empty where there is none. */
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
