package dev.tokenbroker.credential;

import dev.tokenbroker.jose.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * Tells one credential from all others: by its issuer and its {@code jti} (RFC 7519 section 4.1.7),
 * or where it has none by its issuer and all that is signed.
 *
 * <p>Not by the credential as it was sent: an ECDSA signature can be turned into another one that
 * is as good by whoever sees it, without the key. What the signature covers cannot be changed.
 *
 * <p>It is a SHA-256 in base64url and holds nothing of the credential.
 */
final class CredentialId {

  private static final byte BY_JTI = 1;
  private static final byte BY_CONTENT = 2;

  private CredentialId() {}

  /** A {@code jti} that is no text, or empty, names nothing. */
  static String of(UnverifiedJwt jwt) {
    return jwt.claims().get("jti") instanceof String jti && !jti.isEmpty()
        ? of(jwt, BY_JTI, jti.getBytes(StandardCharsets.UTF_8))
        : of(jwt, BY_CONTENT, jwt.signingInput());
  }

  private static String of(UnverifiedJwt jwt, byte kind, byte[] name) {
    byte[] issuer = jwt.registered().issuer().getBytes(StandardCharsets.UTF_8);
    MessageDigest sha256 = Sha256.begin();
    // Its length first, so that no issuer can take a piece of a name for its own.
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(issuer.length).array());
    sha256.update(issuer);
    sha256.update(kind);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256.digest(name));
  }
}
