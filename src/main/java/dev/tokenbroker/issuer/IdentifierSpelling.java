package dev.tokenbroker.issuer;

import java.util.List;
import java.util.Locale;

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
  String likeness() {
    return name.toLowerCase(Locale.ROOT);
  }
}
