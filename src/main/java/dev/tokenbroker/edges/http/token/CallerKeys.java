package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.edges.edge.ClientCertificate;
import dev.tokenbroker.edges.edge.PublicAddresses;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.PresentedKeys.PresentedProof;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the proofs of possession that an HTTP request carries: the client certificate of its
 * connection and the {@code DPoP} header (RFC 9449 section 4.1).
 */
@Singleton
public final class CallerKeys {

  /** The header with the nonce that the next proof must contain (RFC 9449 section 8). */
  public static final String NONCE = "DPoP-Nonce";

  private static final String PROOF = "DPoP";

  // Routes exist before the settings are checked, so each request looks these beans up.
  private final Provider<PublicAddresses> addresses;
  private final Provider<Nonces> nonces;

  CallerKeys(Provider<PublicAddresses> addresses, Provider<Nonces> nonces) {
    this.addresses = addresses;
    this.nonces = nonces;
  }

  /** The keys of a request that {@link IssuerPath} has not rerouted. */
  public PresentedKeys of(HttpServerRequest request) {
    return of(request, path(request));
  }

  /**
   * The keys of a request.
   *
   * @param receivedPath the path as received; it may begin with the issuer's path
   */
  public PresentedKeys of(HttpServerRequest request, String receivedPath) {
    return PresentedKeys.of(
        ClientCertificate.thumbprint(request.sslSession()).orElse(null),
        proof(request, receivedPath));
  }

  /** The nonce for the response; empty if the request has no proof or needs no nonce. */
  public Optional<String> nonceFor(HttpServerRequest request) {
    return request.headers().contains(PROOF) && nonces.get().required()
        ? Optional.of(nonces.get().current())
        : Optional.empty();
  }

  private @Nullable PresentedProof proof(HttpServerRequest request, String receivedPath) {
    List<String> values = request.headers().getAll(PROOF);
    if (values.isEmpty()) {
      return null;
    }
    return new PresentedProof(
        values,
        request.method().name(),
        addresses.get().of(path(request), uri(request, receivedPath)));
  }

  private static String path(HttpServerRequest request) {
    return Objects.requireNonNullElse(request.path(), "/");
  }

  /**
   * The URI of a path, such as {@code https://broker.example:8443/token}; empty if the request
   * names no authority.
   */
  private static String uri(HttpServerRequest request, String path) {
    HostAndPort authority = request.authority();
    if (authority == null) {
      return "";
    }
    String port = authority.port() > 0 ? ":" + authority.port() : "";
    return request.scheme() + "://" + authority.host() + port + path;
  }
}
