package dev.tokenbroker.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** ES256 as one provider does it and nothing around it: what every exchange costs at least. */
final class BareEs256 {

  private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
  private static final String CORRETTO =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
  private static final int MESSAGE_BYTES = 800;

  private final Provider provider;
  private final PrivateKey privateKey;
  private final PublicKey publicKey;
  private final byte[] message = new byte[MESSAGE_BYTES];
  private final byte[] signature;

  /** By the JDK's own provider. */
  BareEs256() throws GeneralSecurityException {
    this(Security.getProvider("SunEC"));
  }

  BareEs256(Provider provider) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    // Keys of another provider are converted in every operation: once is enough.
    KeyFactory own = KeyFactory.getInstance("EC", provider);
    this.provider = provider;
    this.privateKey = (PrivateKey) own.translateKey(keys.getPrivate());
    this.publicKey = (PublicKey) own.translateKey(keys.getPublic());
    new SplittableRandom(1).nextBytes(message);
    this.signature = sign();
  }

  /** One for each provider whose library loads on this machine. */
  static List<BareEs256> atHand() throws GeneralSecurityException {
    List<BareEs256> all = new ArrayList<>(List.of(new BareEs256()));
    try {
      Class<?> corretto = Class.forName(CORRETTO);
      Provider provider = (Provider) corretto.getField("INSTANCE").get(null);
      if (provider.getService("Signature", ALGORITHM) != null) {
        all.add(new BareEs256(provider));
      }
    } catch (ReflectiveOperationException | LinkageError absent) {
      // The JDK alone, then.
    }
    return all;
  }

  String provider() {
    return provider.getName();
  }

  byte[] sign() throws GeneralSecurityException {
    Signature signer = Signature.getInstance(ALGORITHM, provider);
    signer.initSign(privateKey);
    signer.update(message);
    return signer.sign();
  }

  boolean verify() throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(ALGORITHM, provider);
    verifier.initVerify(publicKey);
    verifier.update(message);
    return verifier.verify(signature);
  }

  /** Processor time of this thread for one verification and one signature, in microseconds. */
  double cpuMicros(int repetitions) throws GeneralSecurityException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    for (int at = 0; at < repetitions; at++) {
      if (!verify() || sign().length == 0) {
        throw new IllegalStateException("a signature of our own does not verify");
      }
    }
    return (threads.getCurrentThreadCpuTime() - began) / 1e3 / repetitions;
  }
}
