package dev.tokenbroker.edge;

import dev.tokenbroker.possession.DpopSettings;
import dev.tokenbroker.signing.OwnIssuer;
import dev.tokenbroker.signing.TokenSettings;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where callers reach this broker: what a proof of possession may say that its request was sent to
 * (RFC 9449 section 4.3). Where the operator says so, there and nowhere else; otherwise at our
 * issuer, or at the address that the request names, which is that of a proxy where the server is
 * told to believe one.
 */
@Singleton
public final class PublicAddresses {

  private final List<String> bases;
  private final boolean asReceived;

  /**
   * @throws IllegalArgumentException where our issuer is not set or unusable
   */
  PublicAddresses(DpopSettings dpop, TokenSettings token) {
    this.asReceived = dpop.baseUrls().isEmpty();
    this.bases =
        dpop.baseUrls().orElseGet(() -> List.of(OwnIssuer.of(token))).stream()
            .map(base -> base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
            .toList();
  }

  /** What is wrong with the addresses of the settings; empty where nothing is. */
  public static Optional<String> problem(DpopSettings dpop) {
    return dpop.baseUrls().orElse(List.of()).stream()
        .filter(base -> !OwnIssuer.isWebAddress(base))
        .findFirst()
        .map(base -> "has " + base + ", which is no such address.");
  }

  /**
   * The URIs that a request may be said to have been sent to.
   *
   * @param path below the address of the broker, beginning with a slash
   * @param received the URI that the request itself names, with the path as it was received; empty
   *     where it names none
   */
  public List<String> of(String path, String received) {
    List<String> uris = new ArrayList<>(bases.size() + 1);
    bases.forEach(base -> uris.add(base + path));
    if (asReceived && !received.isEmpty()) {
      uris.add(received);
    }
    return uris;
  }
}
