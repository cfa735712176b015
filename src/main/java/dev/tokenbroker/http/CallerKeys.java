package dev.tokenbroker.http;

import dev.tokenbroker.door.ClientCertificate;
import dev.tokenbroker.door.PublicAddresses;
import dev.tokenbroker.door.RequestOrigin;
import dev.tokenbroker.possession.Nonces;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.possession.PresentedProof;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP request shows of keys that its sender holds: the certificate of its connection, and
 * the header {@code DPoP} (RFC 9449 section 4.1). To be read on the event loop of the request.
 */
@Singleton
final class CallerKeys {

  /** Gives the nonce that the next proof must have (RFC 9449 section 8). */
  static final String NONCE = "DPoP-Nonce";

  private static final String PROOF = "DPoP";

  // Routes are made before the settings are checked.
  private final Provider<PublicAddresses> addresses;
  private final Provider<Nonces> nonces;

  CallerKeys(Provider<PublicAddresses> addresses, Provider<Nonces> nonces) {
    this.addresses = addresses;
    this.nonces = nonces;
  }

  /** Those of a request that is served at the path at which it was received. */
  PresentedKeys of(HttpServerRequest request) {
    return of(request, path(request));
  }

  /**
   * @param receivedPath the path at which the request was received, which may begin with that of
   *     our issuer
   */
  PresentedKeys of(HttpServerRequest request, String receivedPath) {
    return PresentedKeys.of(
        ClientCertificate.of(request.sslSession()).map(ClientCertificate::thumbprint).orElse(null),
        proof(request, receivedPath));
  }

  /** The nonce to give with the answer to one who sent a proof; empty where none is called for. */
  Optional<String> nonceFor(HttpServerRequest request) {
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
        addresses.get().of(path(request), RequestOrigin.uri(request, receivedPath)));
  }

  private static String path(HttpServerRequest request) {
    return Objects.requireNonNullElse(request.path(), "/");
  }
}
