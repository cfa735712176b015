package dev.tokenbroker.issue.signing;

import com.nimbusds.jose.jwk.JWK;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.Signer;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.judge.target.Supply.MintedType;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A private key that signs tokens, with everything that can be computed once: its name, its public
 * JWK, the header of its tokens.
 *
 * <p>Immutable and safe for use by several threads. Two keys are equal only if they are the same
 * object; {@link #kid()} says whether they hold the same key.
 */
public final class SigningKey {

  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private final SignatureScheme scheme;
  private final Signer signer;
  private final String kid;
  private final Map<String, Object> publicJwk;
  private final Map<MintedType, String> prefixes = new EnumMap<>(MintedType.class);

  private SigningKey(SignatureScheme scheme, Signer signer, PublicKey publicKey) {
    this.scheme = scheme;
    this.signer = signer;
    JWK jwk = SignatureScheme.jwk(publicKey);
    this.kid = SignatureScheme.thumbprint(jwk);
    this.publicJwk = describe(jwk);
    for (MintedType type : MintedType.values()) {
      prefixes.put(type, prefix(type, kid));
    }
  }

  /**
   * Generates a key. That takes up to a second for RS256, so no request may wait for it.
   *
   * @param provider signs with the key
   */
  static SigningKey generate(SigningAlgorithm algorithm, SignatureProvider provider) {
    SignatureScheme scheme = SignatureScheme.of(algorithm);
    KeyPair pair = scheme.generate();
    Signer signer = scheme.signer(pair.getPrivate(), provider);
    if (!scheme.isPair(signer, pair.getPublic())) {
      throw new IllegalStateException("A new key does not sign by " + provider);
    }
    return new SigningKey(scheme, signer, pair.getPublic());
  }

  /**
   * The key of these two halves, if they belong together and suit one of our algorithms.
   *
   * @param provider signs with the key
   */
  static SigningKey of(PrivateKey privateKey, PublicKey publicKey, SignatureProvider provider)
      throws UnfitKeyException {
    SignatureScheme scheme = SignatureScheme.of(publicKey);
    Signer signer = scheme.signer(privateKey, provider);
    if (!scheme.isPair(signer, publicKey)) {
      throw new UnfitKeyException("a private and a public key that do not belong together");
    }
    return new SigningKey(scheme, signer, publicKey);
  }

  /** The RFC 7638 thumbprint. */
  public String kid() {
    return kid;
  }

  public SigningAlgorithm algorithm() {
    return scheme.algorithm();
  }

  /** The public half as it is published (RFC 7517 section 4), immutable. */
  Map<String, Object> publicJwk() {
    return publicJwk;
  }

  /** The claims as a signed token of that type (RFC 7515 section 7.1). */
  String sign(MintedType type, byte[] claimsJson) {
    return signed(Objects.requireNonNull(prefixes.get(type)), claimsJson);
  }

  /**
   * The claims as a signed JWT that is no access token, such as a client assertion.
   *
   * @param keyId the {@code kid} by which its verifier knows this key; null for no {@code kid}
   */
  public String signJwt(@Nullable String keyId, Map<String, Object> claims) {
    return signed(prefix(MintedType.JWT, keyId), JsonBytes.of(claims));
  }

  private String signed(String prefix, byte[] claimsJson) {
    String input = prefix + BASE64_URL.encodeToString(claimsJson);
    try {
      byte[] signature = signer.sign(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + BASE64_URL.encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime cannot sign with " + scheme, e);
    }
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

  private String prefix(MintedType type, @Nullable String keyId) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", algorithm().jwaName());
    header.put("typ", type.typ());
    if (keyId != null) {
      header.put("kid", keyId);
    }
    return BASE64_URL.encodeToString(JsonBytes.of(header)) + ".";
  }

  /** Says why something cannot be a signing key, without any key material. */
  static final class UnfitKeyException extends Exception {

    UnfitKeyException(String problem) {
      super(problem);
    }
  }
}
