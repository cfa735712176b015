package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.AddressBlock;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of an issuer's metadata that the broker uses (OpenID Connect Discovery 1.0, RFC 8414).
 *
 * @param jwksUri the URL of its key set
 */
public record DiscoveryDocument(URI jwksUri) {

  private static final String PATH = "/.well-known/openid-configuration";
  private static final String MUTUAL_TLS_ALIASES = "mtls_endpoint_aliases";

  private static final int MAX_PORT = 65_535;

  /** RFC 6761 section 6.3: names below localhost are the same host. */
  private static final Pattern LOCALHOST = Pattern.compile("(.*\\.)?localhost\\.?");

  /** The URL of an issuer's document (section 4.1): a trailing slash is not doubled. */
  public static URI location(String issuer) {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return URI.create(base + PATH);
  }

  /**
   * Reads the document of that issuer.
   *
   * @return or {@code DISCOVERY_ISSUER_MISMATCH} where it names another issuer, even if only a
   *     slash differs (section 4.3); or {@code KEYS_INVALID}
   */
  static Outcome<DiscoveryDocument> parse(byte[] json, String issuer) {
    return endpoint(json, issuer, "jwks_uri").map(DiscoveryDocument::new);
  }

  /**
   * Reads the document of a Kubernetes API server, for that issuer. The broker does not use its
   * {@code jwks_uri}.
   *
   * @param keySet where the API server publishes the key set
   * @return or the refusals of {@link #parse}
   */
  static Outcome<DiscoveryDocument> ofApiServer(byte[] json, String issuer, URI keySet) {
    return document(json, issuer, "jwks_uri").map(_ -> new DiscoveryDocument(keySet));
  }

  /** The {@code jwks_uri} of such a document, if it names another place; for evidence only. */
  static Optional<String> unusedKeySet(byte[] json, URI keySet) {
    return PeerJson.object(json)
                instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> document)
            && document.get("jwks_uri") instanceof String named
            && !named.equals(keySet.toString())
        ? Optional.of(named)
        : Optional.empty();
  }

  /**
   * Reads one of the URLs in the document of that issuer.
   *
   * @param member its name in the document
   * @return an https URL, or an http one where the issuer is http itself; not on the broker's own
   *     host, unless the issuer is; or the refusal {@code DISCOVERY_ISSUER_MISMATCH} or {@code
   *     KEYS_INVALID}, as for {@link #parse}
   */
  public static Outcome<URI> endpoint(byte[] json, String issuer, String member) {
    return document(json, issuer, member)
        .then(document -> address(document.get(member), issuer, member));
  }

  /**
   * As {@link #endpoint}, for a client that presents a certificate: the document's mutual-TLS alias
   * comes first (RFC 8705 section 5).
   */
  public static Outcome<URI> mutualTlsEndpoint(byte[] json, String issuer, String member) {
    return document(json, issuer, member)
        .then(
            document ->
                switch (document.getOrDefault(MUTUAL_TLS_ALIASES, Map.of())) {
                  case Map<?, ?> aliases -> {
                    Object alias = aliases.get(member);
                    yield address(alias == null ? document.get(member) : alias, issuer, member);
                  }
                  default -> invalid(member, MUTUAL_TLS_ALIASES + " that is no JSON object");
                });
  }

  private static Outcome<Map<String, Object>> document(byte[] json, String issuer, String member) {
    return PeerJson.object(json).then(document -> ofIssuer(document, issuer, member));
  }

  private static Outcome<Map<String, Object>> ofIssuer(
      Map<String, Object> document, String issuer, String member) {
    if (!(document.get("issuer") instanceof String named)) {
      return invalid(member, "a JSON object without a text issuer");
    }
    if (!named.equals(issuer)) {
      return Outcome.refused(
          Refusal.of(RefusalReason.DISCOVERY_ISSUER_MISMATCH).expected(issuer).seen(named));
    }
    return Outcome.accepted(document);
  }

  private static Outcome<URI> address(@Nullable Object named, String issuer, String member) {
    if (!(named instanceof String location)) {
      return invalid(member, "a JSON object without a text " + member);
    }
    try {
      URI uri = new URI(location);
      boolean usable =
          uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawFragment() == null;
      // An attacker on the network path could replace keys sent by http for an issuer at https; a
      // token endpoint would receive credentials in the clear.
      boolean asSafe =
          "https".equalsIgnoreCase(uri.getScheme())
              || ("http".equalsIgnoreCase(uri.getScheme()) && issuer.startsWith("http:"));
      if (usable && isLoopback(uri) && !isLoopback(URI.create(issuer))) {
        return invalid(member, "a " + member + " on the broker's own host");
      }
      if (uri.getPort() > MAX_PORT) {
        return invalid(member, "a " + member + " with no possible port");
      }
      return usable && asSafe
          ? Outcome.accepted(uri)
          : invalid(member, "a " + member + " that is not a plain https URL");
    } catch (URISyntaxException malformed) {
      return invalid(member, "a " + member + " that is no URL");
    }
  }

  private static boolean isLoopback(URI uri) {
    String host = uri.getHost();
    if (host == null) {
      return false;
    }
    String name = host.toLowerCase(Locale.ROOT);
    return LOCALHOST.matcher(name).matches()
        || AddressBlock.literal(name).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private static <T> Outcome<T> invalid(String member, String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.KEYS_INVALID)
            .expected(
                "a discovery document with issuer and " + member + " (OIDC Discovery section 3)")
            .seen(seen));
  }
}
