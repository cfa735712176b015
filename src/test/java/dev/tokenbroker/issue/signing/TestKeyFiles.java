package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.fail;

import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;

/** Makes keys and the files that hold them. */
public final class TestKeyFiles {

  private TestKeyFiles() {}

  public static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  public static KeyPair rsa(int bits) {
    return TestKey.rsa(bits);
  }

  public static KeyPair named(String algorithm) {
    return Unchecked.get(() -> KeyPairGenerator.getInstance(algorithm).generateKeyPair());
  }

  /** A file with a new key for ES256. */
  static String es256() {
    return pem(ec("secp256r1").getPrivate());
  }

  /** A file with a new key for RS256. */
  static String rs256() {
    return pem(rsa(2048).getPrivate());
  }

  /** A file with a new key for EdDSA. */
  static String eddsa() {
    return pem(named("Ed25519").getPrivate());
  }

  public static String pem(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  public static String pem(String label, byte[] content) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }

  static List<SigningKey> keys(String content, SignatureProvider provider) {
    return parsed(content, provider) instanceof Usable<List<SigningKey>>(var keys)
        ? keys
        : fail("no keys");
  }

  static String problem(String content, SignatureProvider provider) {
    return parsed(content, provider).fault().orElseThrow();
  }

  private static FileContent<List<SigningKey>> parsed(String content, SignatureProvider provider) {
    return SigningKeyFile.parse(content.getBytes(StandardCharsets.UTF_8), provider);
  }
}
