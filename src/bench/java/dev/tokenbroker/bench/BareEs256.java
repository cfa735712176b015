package dev.tokenbroker.bench;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.SplittableRandom;

/** ES256 by one provider and nothing around it: what every exchange costs at least. */
final class BareEs256 {

  private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
  private static final int MESSAGE_BYTES = 400;

  private final Provider provider;
  private final PrivateKey privateKey;
  private final PublicKey publicKey;
  private final byte[] message = new byte[MESSAGE_BYTES];
  private final byte[] signature;

  BareEs256(Provider provider) throws GeneralSecurityException {
    this.provider = provider;
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    KeyFactory factory = KeyFactory.getInstance("EC", provider);
    this.privateKey = (PrivateKey) factory.translateKey(keys.getPrivate());
    this.publicKey = (PublicKey) factory.translateKey(keys.getPublic());
    new SplittableRandom(1).nextBytes(message);
    this.signature = sign();
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
}
