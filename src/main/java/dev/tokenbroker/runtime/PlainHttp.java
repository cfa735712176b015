package dev.tokenbroker.runtime;

import java.util.Optional;

/** Whether the server may be spoken to without TLS. */
enum PlainHttp {
  /** It has no certificate, so there is no other way. */
  ONLY,
  BESIDE_TLS,
  REFUSED;

  /**
   * As Quarkus decides it: the plain port is open unless it is closed by name or clients must show
   * certificates.
   *
   * @param certificate whether the server has one
   * @param insecureRequests {@code quarkus.http.insecure-requests}
   * @param clientAuth {@code quarkus.http.ssl.client-auth}
   */
  static PlainHttp of(
      boolean certificate, Optional<String> insecureRequests, Optional<String> clientAuth) {
    if (!certificate) {
      return ONLY;
    }
    boolean open =
        insecureRequests
            .map("enabled"::equalsIgnoreCase)
            .orElseGet(() -> clientAuth.filter("required"::equalsIgnoreCase).isEmpty());
    return open ? BESIDE_TLS : REFUSED;
  }
}
