package dev.tokenbroker.issue.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.jose.SignatureProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the content of a file of signing keys.
 *
 * <p>The file is PEM with any number of PKCS #8 private keys (RFC 7468 section 10), a JWK (RFC 7517
 * section 4) or a JWK set (section 5). Certificates and public keys in PEM are skipped; all JWKs
 * must be private. The type of a key decides its algorithm. Messages of libraries are dropped: they
 * may quote what they could not read.
 */
public final class SigningKeyFile {

  private static final Pattern PEM_BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> KEY_TYPES = List.of("EC", "Ed25519", "RSA");
  private static final String TO_PKCS8 =
      "; convert it with: openssl pkcs8 -topk8 -nocrypt -in FILE";

  private final SignatureProvider provider;

  private SigningKeyFile(SignatureProvider provider) {
    this.provider = provider;
  }

  /**
   * The keys of a file, in order; at least one. A problem reveals no key material.
   *
   * @param provider signs with the keys
   */
  public static FileContent<List<SigningKey>> parse(byte[] content, SignatureProvider provider) {
    String text = new String(content, StandardCharsets.UTF_8).strip();
    SigningKeyFile file = new SigningKeyFile(provider);
    try {
      return new Usable<>(List.copyOf(text.startsWith("{") ? file.json(text) : file.pem(text)));
    } catch (SigningKey.UnfitKeyException e) {
      return new Unusable<>("holds " + e.getMessage());
    }
  }

  private List<SigningKey> pem(String text) throws SigningKey.UnfitKeyException {
    List<SigningKey> keys = new ArrayList<>();
    Matcher block = PEM_BLOCK.matcher(text);
    while (block.find()) {
      String label = block.group(1);
      if (label.equals("PRIVATE KEY")) {
        keys.add(pkcs8(block.group(2)));
      } else if (label.equals("ENCRYPTED PRIVATE KEY")) {
        throw new SigningKey.UnfitKeyException("an encrypted private key" + TO_PKCS8);
      } else if (label.endsWith("PRIVATE KEY")) {
        throw new SigningKey.UnfitKeyException("a private key in the form " + label + TO_PKCS8);
      }
    }
    if (keys.isEmpty()) {
      throw new SigningKey.UnfitKeyException(
          "no private key: neither a PEM block PRIVATE KEY nor a JWK nor a JWK set");
    }
    return keys;
  }

  private List<SigningKey> json(String text) throws SigningKey.UnfitKeyException {
    Map<String, Object> object;
    try {
      object = JSONObjectUtils.parse(text);
    } catch (ParseException e) {
      throw new SigningKey.UnfitKeyException("JSON that is not well-formed");
    }
    if (!object.containsKey("keys")) {
      return List.of(jwk(object));
    }
    if (!(object.get("keys") instanceof List<?> elements) || elements.isEmpty()) {
      throw new SigningKey.UnfitKeyException("a JWK set whose member keys is not a list of keys");
    }
    List<SigningKey> keys = new ArrayList<>();
    for (Object element : elements) {
      keys.add(jwk(element));
    }
    return keys;
  }

  private SigningKey pkcs8(String base64) throws SigningKey.UnfitKeyException {
    PKCS8EncodedKeySpec encoded;
    try {
      encoded = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64.replaceAll("\\s", "")));
    } catch (IllegalArgumentException e) {
      throw new SigningKey.UnfitKeyException("a PEM block PRIVATE KEY that is not base64");
    }
    for (String type : KEY_TYPES) {
      Optional<PrivateKey> key = privateKey(type, encoded);
      if (key.isPresent()) {
        return SigningKey.of(key.get(), PublicHalf.of(key.get()), provider);
      }
    }
    throw new SigningKey.UnfitKeyException(
        "a PEM block PRIVATE KEY that is not a PKCS #8 key of type EC, Ed25519 or RSA");
  }

  private static Optional<PrivateKey> privateKey(String type, PKCS8EncodedKeySpec encoded) {
    try {
      return Optional.of(KeyFactory.getInstance(type).generatePrivate(encoded));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private SigningKey jwk(Object json) throws SigningKey.UnfitKeyException {
    JWK jwk = parsed(json);
    if (!jwk.isPrivate()) {
      throw new SigningKey.UnfitKeyException("a JWK without its private part");
    }
    SigningKey key;
    try {
      key =
          switch (jwk) {
            case RSAKey rsa -> of(rsa.toKeyPair());
            case ECKey ec -> of(ec.toKeyPair());
            case OctetKeyPair ed -> ed25519(ed);
            default ->
                throw new SigningKey.UnfitKeyException(
                    "a JWK that is neither EC (P-256) nor OKP (Ed25519) nor RSA");
          };
    } catch (JOSEException | GeneralSecurityException e) {
      throw new SigningKey.UnfitKeyException("a JWK whose values do not make a key");
    }
    if (jwk.getAlgorithm() != null
        && !jwk.getAlgorithm().getName().equals(key.algorithm().jwaName())) {
      throw new SigningKey.UnfitKeyException(
          "a JWK whose alg is not " + key.algorithm().jwaName() + ", which its type signs with");
    }
    return key;
  }

  private static JWK parsed(Object json) throws SigningKey.UnfitKeyException {
    if (!(json instanceof Map<?, ?> object)) {
      throw new SigningKey.UnfitKeyException("a JWK that is no JSON object");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    object.forEach((name, value) -> members.put(String.valueOf(name), value));
    try {
      return JWK.parse(members);
    } catch (ParseException | IllegalArgumentException e) {
      throw new SigningKey.UnfitKeyException("a JWK that is not well-formed");
    }
  }

  private SigningKey of(KeyPair pair) throws SigningKey.UnfitKeyException {
    return SigningKey.of(pair.getPrivate(), pair.getPublic(), provider);
  }

  private SigningKey ed25519(OctetKeyPair jwk)
      throws GeneralSecurityException, SigningKey.UnfitKeyException {
    if (!jwk.getCurve().getName().equals(NamedParameterSpec.ED25519.getName())) {
      throw new SigningKey.UnfitKeyException("an OKP key on another curve than Ed25519");
    }
    PrivateKey privateKey =
        KeyFactory.getInstance("Ed25519")
            .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, jwk.getDecodedD()));
    SigningKey key = SigningKey.of(privateKey, PublicHalf.of(privateKey), provider);
    if (!jwk.getX().equals(new Base64URL((String) key.publicJwk().get("x")))) {
      throw new SigningKey.UnfitKeyException(
          "a private and a public key that do not belong together");
    }
    return key;
  }
}
