package dev.tokenbroker.base.jose;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A signature algorithm by its name in the Java Cryptography Architecture.
 *
 * @param name the standard name of the {@link Signature}
 * @param parameters null where the algorithm has none
 */
record SignatureMethod(String name, @Nullable AlgorithmParameterSpec parameters) {

  /** ES256 with R and S side by side, the form in a JWS (RFC 7518 section 3.4), not DER. */
  static final String ES256 = "SHA256withECDSAinP1363Format";

  static SignatureMethod named(String name) {
    return new SignatureMethod(name, null);
  }

  /** The method of an RSA or ECDSA algorithm (RFC 7518 sections 3.3 to 3.5). */
  static SignatureMethod of(SigningAlgorithm algorithm) {
    return switch (algorithm) {
      case RS256 -> named("SHA256withRSA");
      case RS384 -> named("SHA384withRSA");
      case RS512 -> named("SHA512withRSA");
      case PS256 -> pss("SHA-256", MGF1ParameterSpec.SHA256, 32);
      case PS384 -> pss("SHA-384", MGF1ParameterSpec.SHA384, 48);
      case PS512 -> pss("SHA-512", MGF1ParameterSpec.SHA512, 64);
      case ES256 -> named(ES256);
      case ES384 -> named("SHA384withECDSAinP1363Format");
      case ES512 -> named("SHA512withECDSAinP1363Format");
      case EDDSA, ED25519, ED448 ->
          throw new IllegalArgumentException("the curve of an Edwards key names its method");
    };
  }

  /** The salt is as long as the digest (RFC 7518 section 3.5); no other length verifies. */
  private static SignatureMethod pss(String digest, MGF1ParameterSpec mask, int saltBytes) {
    return new SignatureMethod(
        "RSASSA-PSS",
        new PSSParameterSpec(digest, "MGF1", mask, saltBytes, PSSParameterSpec.TRAILER_FIELD_BC));
  }

  /** A new object for one signature; null stands for the JDK. */
  Signature at(@Nullable Provider provider) throws GeneralSecurityException {
    Signature signature =
        provider == null ? Signature.getInstance(name) : Signature.getInstance(name, provider);
    if (parameters != null) {
      signature.setParameter(parameters);
    }
    return signature;
  }
}
