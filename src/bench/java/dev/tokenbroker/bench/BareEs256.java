package dev.tokenbroker.bench;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.SplittableRandom;

/** ES256 as the JDK does it and nothing around it: what every exchange costs at least. */
final class BareEs256 {

  private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
  private static final int MESSAGE_BYTES = 400;

  private final KeyPair keys;
  private final byte[] message = new byte[MESSAGE_BYTES];
  private final byte[] signature;

  BareEs256() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    this.keys = generator.generateKeyPair();
    new SplittableRandom(1).nextBytes(message);
    this.signature = sign();
  }

  byte[] sign() throws GeneralSecurityException {
    Signature signer = Signature.getInstance(ALGORITHM);
    signer.initSign(keys.getPrivate());
    signer.update(message);
    return signer.sign();
  }

  boolean verify() throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(ALGORITHM);
    verifier.initVerify(keys.getPublic());
    verifier.update(message);
    return verifier.verify(signature);
  }
}
