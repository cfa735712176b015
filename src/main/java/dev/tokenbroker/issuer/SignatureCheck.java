package dev.tokenbroker.issuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;

/** Verifies signatures by one key under one algorithm. Safe for use by several threads. */
sealed interface SignatureCheck {

  /** Whether it is the key's signature; whatever cannot be verified is none. */
  boolean verify(byte[] signingInput, byte[] signature);

  /** RSA and ECDSA, by the JOSE library. The header is made once: only its alg is looked at. */
  record Jose(JWSVerifier verifier, JWSHeader header) implements SignatureCheck {

    static Jose of(JWSVerifier verifier, SigningAlgorithm algorithm) {
      return new Jose(verifier, new JWSHeader(JWSAlgorithm.parse(algorithm.jwaName())));
    }

    @Override
    public boolean verify(byte[] signingInput, byte[] signature) {
      try {
        return verifier.verify(header, signingInput, Base64URL.encode(signature));
      } catch (JOSEException unverifiable) {
        return false;
      }
    }
  }

  /** Ed25519 and Ed448 (RFC 8037), by the JDK: the library's own need Tink. */
  record EdDsa(PublicKey key, int signatureBytes) implements SignatureCheck {

    @Override
    public boolean verify(byte[] signingInput, byte[] signature) {
      if (signature.length != signatureBytes) {
        return false;
      }
      try {
        Signature check = Signature.getInstance("EdDSA");
        check.initVerify(key);
        check.update(signingInput);
        return check.verify(signature);
      } catch (NoSuchAlgorithmException missing) {
        throw new IllegalStateException(missing);
      } catch (InvalidKeyException | SignatureException unverifiable) {
        return false;
      }
    }
  }
}
