package dev.tokenbroker.issuer;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What an issuer says of itself (OpenID Connect Discovery 1.0), as far as it matters here.
 *
 * @param jwksUri where its keys are
 */
record DiscoveryDocument(URI jwksUri) {

  private static final String PATH = "/.well-known/openid-configuration";

  /** RFC 6761 section 6.3: names below it are the same host. */
  private static final Pattern LOCALHOST = Pattern.compile("(.*\\.)?localhost\\.?");

  /** Where the document of an issuer is (section 4.1): a trailing slash is not doubled. */
  static URI location(String issuer) {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return URI.create(base + PATH);
  }

  /**
   * Reads the document of that issuer.
   *
   * @return or {@code DISCOVERY_ISSUER_MISMATCH} where it names another issuer, be it by a slash
   *     (section 4.3); or {@code KEYS_INVALID}
   */
  static Outcome<DiscoveryDocument> parse(byte[] json, String issuer) {
    return StrictJson.object(json).then(document -> read(document, issuer));
  }

  private static Outcome<DiscoveryDocument> read(Map<String, Object> document, String issuer) {
    if (!(document.get("issuer") instanceof String named)) {
      return invalid("a JSON object without a text issuer");
    }
    if (!named.equals(issuer)) {
      return Outcome.refused(
          Refusal.of(RefusalReason.DISCOVERY_ISSUER_MISMATCH).expected(issuer).seen(named));
    }
    if (!(document.get("jwks_uri") instanceof String location)) {
      return invalid("a JSON object without a text jwks_uri");
    }
    try {
      URI uri = new URI(location);
      boolean usable =
          uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawFragment() == null;
      // Keys by http for an issuer at https would let whoever sits between replace them.
      boolean asSafe =
          "https".equalsIgnoreCase(uri.getScheme())
              || ("http".equalsIgnoreCase(uri.getScheme()) && issuer.startsWith("http:"));
      if (usable && isLoopback(uri) && !isLoopback(URI.create(issuer))) {
        return invalid("a jwks_uri on the broker's own host");
      }
      return usable && asSafe
          ? Outcome.accepted(new DiscoveryDocument(uri))
          : invalid("a jwks_uri that is not a plain https URL");
    } catch (URISyntaxException malformed) {
      return invalid("a jwks_uri that is no URL");
    }
  }

  private static boolean isLoopback(URI uri) {
    String host = uri.getHost();
    if (host == null) {
      return false;
    }
    String name = host.toLowerCase(Locale.ROOT);
    if (LOCALHOST.matcher(name).matches()) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(name).isLoopbackAddress();
    } catch (IllegalArgumentException noLiteral) {
      return false;
    }
  }

  private static Outcome<DiscoveryDocument> invalid(String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.KEYS_INVALID)
            .expected("a discovery document with issuer and jwks_uri (OIDC Discovery section 3)")
            .seen(seen));
  }
}
