package dev.tokenbroker.process.runtime;

import org.jspecify.annotations.Nullable;

/** Whether callers may reach the server without TLS. */
enum PlainHttp {
  /** The server has no certificate, so there is no other way. */
  ONLY,
  BESIDE_TLS,
  REFUSED;

  /**
   * Decides as Quarkus does: the plain port is open unless the settings close it or clients must
   * show certificates.
   *
   * @param certificate whether the server has one
   * @param insecureRequests {@code quarkus.http.insecure-requests}; null if it is not set
   * @param clientAuth {@code quarkus.http.ssl.client-auth}; null if it is not set
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
