package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.text.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * Computes the id that distinguishes a credential from all others. The id covers the issuer and the
 * {@code jti} (RFC 7519 section 4.1.7). Without a {@code jti}, it covers the issuer and the signed
 * content.
 *
 * <p>The id does not cover the signature. Any reader of an ECDSA signature can turn it into another
 * valid signature without the key. The signed content cannot change in this way.
 *
 * <p>The id is a SHA-256 in base64url and contains no part of the credential.
 */
final class CredentialId {

  private static final byte BY_JTI = 1;
  private static final byte BY_CONTENT = 2;

  private CredentialId() {}

  /** Returns the id. A {@code jti} that is empty or not a string counts as absent. */
  static String of(UnverifiedJwt jwt) {
    return id(jwt, jwt.registered().issuer());
  }

  /**
   * Returns the id among the credentials of one key, for an {@code iss} that several issuers share.
   *
   * @param thumbprint the key that verified the credential (RFC 7638)
   */
  static String of(UnverifiedJwt jwt, String thumbprint) {
    // A line feed is no part of an issuer identifier.
    return id(jwt, jwt.registered().issuer() + "\n" + thumbprint);
  }

  private static String id(UnverifiedJwt jwt, String signer) {
    return jwt.claims().get("jti") instanceof String jti && !jti.isEmpty()
        ? id(signer, BY_JTI, jti.getBytes(StandardCharsets.UTF_8))
        : id(signer, BY_CONTENT, jwt.signingInput());
  }

  private static String id(String signer, byte kind, byte[] name) {
    byte[] issuer = signer.getBytes(StandardCharsets.UTF_8);
    MessageDigest sha256 = Sha256.begin();
    // The length prefix prevents an issuer from moving a part of the jti into its own name.
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(issuer.length).array());
    sha256.update(issuer);
    sha256.update(kind);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256.digest(name));
  }
}
