package dev.tokenbroker.runtime;

import org.jspecify.annotations.Nullable;

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
   * @param insecureRequests {@code quarkus.http.insecure-requests}; null where it is not set
   * @param clientAuth {@code quarkus.http.ssl.client-auth}; null where it is not set
   */
  static PlainHttp of(
      boolean certificate, @Nullable String insecureRequests, @Nullable String clientAuth) {
    if (!certificate) {
      return ONLY;
    }
    boolean open =
        insecureRequests == null
            ? !"required".equalsIgnoreCase(clientAuth)
            : "enabled".equalsIgnoreCase(insecureRequests);
    return open ? BESIDE_TLS : REFUSED;
  }
}
