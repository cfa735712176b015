package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.X509KeyManager;

/** Checks that private keys fit their certificates: neither Vert.x nor the JDK does. */
public final class CertifiedKeys {

  /** The signature algorithm for each type of key. */
  private static final Map<String, String> SIGNATURES =
      new TreeMap<>(Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "EdDSA", "EdDSA"));

  private CertifiedKeys() {}

  /**
   * The certificate of each pair.
   *
   * @throws GeneralSecurityException if a key does not fit its certificate
   * @throws Exception as Vert.x does for what cannot be read
   */
  public static List<PresentedCertificate> of(KeyCertOptions pairs, Vertx vertx) throws Exception {
    List<PresentedCertificate> certificates = new ArrayList<>();
    X509KeyManager keys = (X509KeyManager) pairs.getKeyManagerFactory(vertx).getKeyManagers()[0];
    for (String type : SIGNATURES.keySet()) {
      String[] aliases = keys.getServerAliases(type, null);
      for (String alias : aliases == null ? new String[0] : aliases) {
        List<X509Certificate> chain = List.of(keys.getCertificateChain(alias));
        PresentedCertificate own = PresentedCertificate.of(chain, List.of()).orElseThrow();
        if (!fits(keys.getPrivateKey(alias), chain.getFirst().getPublicKey(), type)) {
          throw new GeneralSecurityException(
              "the private key does not fit the certificate of " + own.subject());
        }
        certificates.add(own);
      }
    }
    return certificates;
  }

  private static boolean fits(PrivateKey key, PublicKey certified, String type) {
    try {
      Signature signature = Signature.getInstance(SIGNATURES.get(type));
      signature.initSign(key);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      return signature.verify(signed);
    } catch (GeneralSecurityException otherKey) {
      return false;
    }
  }
}
