package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.peers.http.CallEnd.Response;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for a discovery document at the other paths that issuers use. The broker reads the one of
 * OpenID Connect Discovery section 4 only, which ends in the well-known part. By RFC 8414 section
 * 3.1 the path of the issuer comes after it.
 */
final class OtherForms {

  private static final List<String> WELL_KNOWN =
      List.of("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration");

  private final DocumentFetch fetch;
  private final CheckList checks;

  OtherForms(DocumentFetch fetch, CheckList checks) {
    this.fetch = fetch;
    this.checks = checks;
  }

  /** The document; empty if the broker could not use it, which is reported. */
  Optional<Response> orReported(String issuer, URI discovery) {
    if (fetch.probe(discovery) instanceof Response answer && answer.status() == 404) {
      for (String wellKnown : WELL_KNOWN) {
        URI other = discovery.resolve(wellKnown + path(issuer));
        Optional<String> keys = other.equals(discovery) ? Optional.empty() : keys(other, issuer);
        if (keys.isPresent()) {
          checks.found(
              Defect.DISCOVERY_AT_OTHER_PATH,
              discovery + " answers 404; " + other + " names the issuer and its jwks_uri",
              "Give the issuer jwksUri: " + keys.get());
          return Optional.empty();
        }
      }
    }
    return fetch.get(discovery, DoctorCheck.DISCOVERY);
  }

  private static String path(String issuer) {
    String path = URI.create(issuer).getRawPath();
    return path == null || path.equals("/") ? "" : path;
  }

  private Optional<String> keys(URI uri, String issuer) {
    return fetch.probe(uri) instanceof Response answer
            && answer.status() == 200
            && PeerJson.object(answer.body())
                instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> document)
            && issuer.equals(document.get("issuer"))
            && document.get("jwks_uri") instanceof String keys
        ? Optional.of(keys)
        : Optional.empty();
  }
}
