package dev.tokenbroker.token;

import com.nimbusds.jose.jwk.JWK;
import dev.tokenbroker.issuer.SigningAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A private key that signs tokens, with everything that can be worked out once: its name, its
 * public JWK, the header of the tokens it signs.
 *
 * <p>Immutable and safe for use by several threads. Two are equal only if they are the same object;
 * {@link #kid()} says whether they hold the same key.
 */
final class SigningKey {

  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private final SignatureScheme scheme;
  private final PrivateKey privateKey;
  private final String kid;
  private final Map<String, Object> publicJwk;
  private final String tokenPrefix;

  private SigningKey(SignatureScheme scheme, PrivateKey privateKey, PublicKey publicKey) {
    this.scheme = scheme;
    this.privateKey = privateKey;
    JWK jwk = SignatureScheme.jwk(publicKey);
    this.kid = SignatureScheme.thumbprint(jwk);
    this.publicJwk = describe(jwk);
    this.tokenPrefix = encodedHeader() + ".";
  }

  /** A new key. Takes up to a second for RS256: not for the path of a request. */
  static SigningKey generate(SigningAlgorithm algorithm) {
    SignatureScheme scheme = SignatureScheme.of(algorithm);
    KeyPair pair = scheme.generate();
    return new SigningKey(scheme, pair.getPrivate(), pair.getPublic());
  }

  /** The key of these two halves, if they belong together and suit one of our algorithms. */
  static SigningKey of(PrivateKey privateKey, PublicKey publicKey) throws UnfitKeyException {
    SignatureScheme scheme = SignatureScheme.of(publicKey);
    if (!scheme.isPair(privateKey, publicKey)) {
      throw new UnfitKeyException("a private and a public key that do not belong together");
    }
    return new SigningKey(scheme, privateKey, publicKey);
  }

  /** The RFC 7638 thumbprint. */
  String kid() {
    return kid;
  }

  SigningAlgorithm algorithm() {
    return scheme.algorithm();
  }

  /** The public half as it is published (RFC 7517 section 4), immutable. */
  Map<String, Object> publicJwk() {
    return publicJwk;
  }

  /** The claims as a signed access token (RFC 7515 section 7.1, RFC 9068 section 2.1). */
  String sign(byte[] claimsJson) {
    String input = tokenPrefix + BASE64_URL.encodeToString(claimsJson);
    byte[] signature = scheme.sign(privateKey, input.getBytes(StandardCharsets.US_ASCII));
    return input + "." + BASE64_URL.encodeToString(signature);
  }

  @Override
  public String toString() {
    return "SigningKey[kid=" + kid + ", algorithm=" + algorithm().jwaName() + "]";
  }

  private Map<String, Object> describe(JWK jwk) {
    Map<String, Object> members = new LinkedHashMap<>(jwk.toJSONObject());
    members.put("use", "sig");
    members.put("alg", algorithm().jwaName());
    members.put("kid", kid);
    return Collections.unmodifiableMap(members);
  }

  private String encodedHeader() {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", algorithm().jwaName());
    header.put("typ", "at+jwt");
    header.put("kid", kid);
    return BASE64_URL.encodeToString(JsonBytes.of(header));
  }
}
