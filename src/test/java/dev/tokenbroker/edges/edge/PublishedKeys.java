package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.math.BigInteger;
import java.net.URI;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;

/** Verifies minted tokens by the key set that a broker publishes, with the JDK alone. */
public final class PublishedKeys {

  private final JWKSet keys;

  private PublishedKeys(JWKSet keys) {
    this.keys = keys;
  }

  /** Those of the broker at that address. */
  public static PublishedKeys of(URI broker) throws ParseException {
    return new PublishedKeys(
        JWKSet.parse(Http.get(broker.resolve("/.well-known/jwks.json")).body()));
  }

  /** The token, whose signature is good. */
  public SignedJWT verified(String token) throws Exception {
    SignedJWT jwt = SignedJWT.parse(token);
    JWK key = keys.getKeyByKeyId(jwt.getHeader().getKeyID());
    assertThat(key).as("the key that the token names, in the broker's JWK set").isNotNull();
    String algorithm = jwt.getHeader().getAlgorithm().getName();
    Signature verifier =
        Signature.getInstance(
            switch (algorithm) {
              case "ES256" -> "SHA256withECDSAinP1363Format";
              case "RS256" -> "SHA256withRSA";
              case "EdDSA" -> "Ed25519";
              default -> throw new AssertionError("no token is minted with " + algorithm);
            });
    verifier.initVerify(publicKey(key));
    verifier.update(jwt.getSigningInput());
    assertThat(verifier.verify(jwt.getSignature().decode())).as("signature").isTrue();
    return jwt;
  }

  private static PublicKey publicKey(JWK key) throws Exception {
    return switch (key) {
      case ECKey ec -> ec.toPublicKey();
      case RSAKey rsa -> rsa.toPublicKey();
      case OctetKeyPair okp -> ed25519(okp.getDecodedX());
      default -> throw new AssertionError("no key is published of type " + key.getKeyType());
    };
  }

  // RFC 8032 section 5.1.2: little-endian, the highest bit is the sign of x.
  private static PublicKey ed25519(byte[] x) throws Exception {
    byte[] y = new byte[x.length];
    for (int at = 0; at < x.length; at++) {
      y[at] = x[x.length - 1 - at];
    }
    boolean odd = (y[0] & 0x80) != 0;
    y[0] &= 0x7f;
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(
            new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, y))));
  }
}
