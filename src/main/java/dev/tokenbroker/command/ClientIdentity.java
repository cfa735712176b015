package dev.tokenbroker.command;

import dev.tokenbroker.peers.trust.CertifiedKeys;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;

/** The client's identity in mutual TLS: its certificate with the chain, and its key, both PEM. */
record ClientIdentity(Buffer certificate, Buffer key) {

  /**
   * The identity as options of the HTTP client. The client would report an unusable key as a lost
   * connection, so the key is checked before.
   */
  PemKeyCertOptions options(Vertx vertx) throws Failure {
    PemKeyCertOptions pair = new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key);
    try {
      if (!CertifiedKeys.of(pair, vertx).isEmpty()) {
        return pair;
      }
    } catch (Exception unreadable) { // as the library declares it
      // As if it were no pair.
    }
    throw new Failure(
        ExitCode.DATA,
        "the file of --key-file holds no private key, EC or RSA, for the certificate of --cert-file");
  }
}
