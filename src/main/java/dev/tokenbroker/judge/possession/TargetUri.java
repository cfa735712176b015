package dev.tokenbroker.judge.possession;

import dev.tokenbroker.peers.http.DotSegments;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URI of a request in the form that is compared: without query and fragment (RFC 9449 section
 * 4.3), normalised by syntax and scheme (RFC 3986 sections 6.2.2, 6.2.3). So {@code
 * HTTPS://Broker.example:443/%74oken} is {@code https://broker.example/token}.
 */
final class TargetUri {

  private static final int MAX_CHARS = 2048;

  /** An http or https URI with a host and without user information, of visible ASCII. */
  private static final Pattern WEB =
      Pattern.compile(
          "(?<scheme>https?)://(?<host>\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._~!$&'()*+,;=-]+)"
              + "(?::(?<port>[0-9]{0,5}))?(?<path>/[!-~&&[^?#]]*)?(?:\\?[!-~&&[^#]]*)?(?:#[!-~]*)?",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern BROKEN = Pattern.compile("%(?![0-9A-Fa-f]{2})");
  private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
  private static final Pattern UNRESERVED = Pattern.compile("[A-Za-z0-9._~-]");

  private TargetUri() {}

  /** The normal form; empty where the text is no such URI. */
  static Optional<String> normal(String uri) {
    if (uri.length() > MAX_CHARS) {
      return Optional.empty();
    }
    Matcher parts = WEB.matcher(uri);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String scheme = parts.group("scheme").toLowerCase(Locale.ROOT);
    String host = parts.group("host").toLowerCase(Locale.ROOT);
    String path = parts.group("path");
    return decoded(path == null ? "/" : path)
        .map(plain -> scheme + "://" + host + port(parts, scheme) + DotSegments.removed(plain));
  }

  private static String port(Matcher parts, String scheme) {
    String digits = parts.group("port");
    if (digits == null || digits.isEmpty()) {
      return "";
    }
    int port = Integer.parseInt(digits);
    return port == (scheme.equals("https") ? 443 : 80) ? "" : ":" + port;
  }

  /** Decodes unreserved characters; empty where a percent-encoding is invalid. */
  private static Optional<String> decoded(String path) {
    return BROKEN.matcher(path).find()
        ? Optional.empty()
        : Optional.of(ESCAPE.matcher(path).replaceAll(TargetUri::decoded));
  }

  private static String decoded(MatchResult escape) {
    String octet = String.valueOf((char) Integer.parseInt(escape.group(1), 16));
    return UNRESERVED.matcher(octet).matches() ? octet : escape.group().toUpperCase(Locale.ROOT);
  }
}
