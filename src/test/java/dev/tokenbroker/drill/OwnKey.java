package dev.tokenbroker.drill;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;

/** The key that the drilled broker signs with, as the two files that its settings name. */
final class OwnKey {

  static final String FILE = "own.pem";
  static final String PUBLISHED = "own-jwks.json";

  private final KeyPair pair = TestKeyFiles.ec("secp256r1");

  /** Writes both files; returns that of the private key. */
  Path write(Path directory) {
    try {
      ECKey jwk =
          new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
              .keyIDFromThumbprint()
              .build();
      Files.writeString(directory.resolve(PUBLISHED), new JWKSet(jwk).toString());
      return Files.writeString(directory.resolve(FILE), TestKeyFiles.pem(pair.getPrivate()));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (JOSEException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
