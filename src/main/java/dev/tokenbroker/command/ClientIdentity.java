package dev.tokenbroker.command;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/** The client's identity in mutual TLS: its certificate with the chain, and its key, both PEM. */
record ClientIdentity(Buffer certificate, Buffer key) {

  /** The signature algorithm for each type of key. */
  private static final Map<String, String> SIGNATURES =
      Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA");

  private static final byte[] SAMPLE = {1};

  /**
   * The identity as options of the HTTP client. The client would report an unusable key as a lost
   * connection, so the key is checked before.
   */
  PemKeyCertOptions options(Vertx vertx) throws Failure {
    PemKeyCertOptions pair = new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key);
    if (!fits(pair, vertx)) {
      throw new Failure(
          ExitCode.DATA,
          "the file of --key-file holds no private key, EC or RSA, for the certificate of --cert-file");
    }
    return pair;
  }

  private static boolean fits(PemKeyCertOptions pair, Vertx vertx) {
    try {
      for (KeyManager manager : pair.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys && isCertified(keys)) {
          return true;
        }
      }
      return false;
    } catch (Exception unreadable) { // as the library declares it
      return false;
    }
  }

  private static boolean isCertified(X509KeyManager keys) throws GeneralSecurityException {
    for (Map.Entry<String, String> type : SIGNATURES.entrySet()) {
      String[] aliases = keys.getClientAliases(type.getKey(), null);
      if (aliases != null && aliases.length > 0) {
        PublicKey certified = keys.getCertificateChain(aliases[0])[0].getPublicKey();
        return isPair(keys.getPrivateKey(aliases[0]), certified, type.getValue());
      }
    }
    return false;
  }

  private static boolean isPair(PrivateKey key, PublicKey certified, String algorithm)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(SAMPLE);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(SAMPLE);
    return signature.verify(signed);
  }
}
