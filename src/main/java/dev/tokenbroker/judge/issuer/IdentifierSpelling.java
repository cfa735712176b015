package dev.tokenbroker.judge.issuer;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An identifier taken apart: what carries its meaning, and what people get wrong. For hints:
 * identifiers themselves are compared character for character (RFC 8725 section 3.8).
 *
 * @param scheme with its slashes; empty where there is none
 * @param port a default port with its colon; empty where there is none
 * @param name the rest, without white space around it and slashes at its end
 * @param slashes how many slashes are at the end
 */
public record IdentifierSpelling(String scheme, String port, String name, int slashes) {

  private static final List<String> SCHEMES = List.of("https://", "http://");
  private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
  private static final int MAX_ASCII = 0x80;
  private static final List<String> DEFAULT_PORTS = List.of(":443", ":80");

  public static IdentifierSpelling of(String identifier) {
    String rest = identifier.strip();
    String scheme = "";
    for (String candidate : SCHEMES) {
      if (rest.regionMatches(true, 0, candidate, 0, candidate.length())) {
        scheme = candidate;
        rest = rest.substring(candidate.length());
        break;
      }
    }
    int end = rest.length();
    while (end > 0 && rest.charAt(end - 1) == '/') {
      end--;
    }
    int slashes = rest.length() - end;
    int path = rest.indexOf('/') < 0 ? end : Math.min(end, rest.indexOf('/'));
    String authority = rest.substring(0, path);
    String port = "";
    for (String candidate : DEFAULT_PORTS) {
      if (authority.endsWith(candidate)) {
        port = candidate;
        authority = authority.substring(0, authority.length() - candidate.length());
        break;
      }
    }
    return new IdentifierSpelling(scheme, port, authority + rest.substring(path, end), slashes);
  }

  /** The same text for all identifiers that differ by their spelling only. */
  public String likeness() {
    return ESCAPE.matcher(name).replaceAll(IdentifierSpelling::decoded).toLowerCase(Locale.ROOT);
  }

  /** Decodes ASCII only: that is what is escaped without need, or by mistake. */
  private static String decoded(MatchResult escape) {
    int code = Integer.parseInt(escape.group(1), 16);
    return Matcher.quoteReplacement(
        code < MAX_ASCII ? String.valueOf((char) code) : escape.group());
  }
}
