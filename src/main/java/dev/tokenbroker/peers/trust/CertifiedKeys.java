package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/** Checks that private keys fit their certificates: neither Vert.x nor the JDK does. */
public final class CertifiedKeys {

  /** The signature algorithm for each type of key. */
  private static final Map<String, String> SIGNATURES =
      new TreeMap<>(Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "EdDSA", "EdDSA"));

  private static final byte[] SAMPLE = {1};

  private CertifiedKeys() {}

  /**
   * The certificate of each pair.
   *
   * @throws GeneralSecurityException if a key does not fit its certificate
   * @throws Exception as Vert.x does for what cannot be read
   */
  public static List<PresentedCertificate> of(KeyCertOptions pairs, Vertx vertx) throws Exception {
    List<PresentedCertificate> certificates = new ArrayList<>();
    for (KeyManager manager : pairs.getKeyManagerFactory(vertx).getKeyManagers()) {
      if (manager instanceof X509KeyManager keys) {
        for (String type : SIGNATURES.keySet()) {
          String[] aliases = keys.getServerAliases(type, null);
          for (String alias : aliases == null ? new String[0] : aliases) {
            List<X509Certificate> chain = List.of(keys.getCertificateChain(alias));
            PresentedCertificate own = PresentedCertificate.of(chain, List.of()).orElseThrow();
            PublicKey certified = chain.getFirst().getPublicKey();
            if (!fits(keys.getPrivateKey(alias), certified, SIGNATURES.get(type))) {
              throw new GeneralSecurityException(
                  "the private key does not fit the certificate of " + own.subject());
            }
            certificates.add(own);
          }
        }
      }
    }
    return certificates;
  }

  private static boolean fits(PrivateKey key, PublicKey certified, String algorithm)
      throws GeneralSecurityException {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(SAMPLE);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(SAMPLE);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException otherType) {
      return false;
    }
  }
}
