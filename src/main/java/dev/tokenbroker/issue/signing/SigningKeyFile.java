package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SignatureProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The content of a file of signing keys: keys, or a problem.
 *
 * <p>The file is PEM with any number of PKCS #8 private keys (RFC 7468 section 10), a JWK (RFC 7517
 * section 4) or a JWK set (section 5). Certificates and public keys in PEM are skipped; all JWKs
 * must be private. The type of a key decides its algorithm.
 */
public sealed interface SigningKeyFile {

  /** At least one key, in the order of the file. */
  record FileKeys(List<SigningKey> keys) implements SigningKeyFile {

    public FileKeys {
      keys = List.copyOf(keys);
    }
  }

  /** The file has no usable key. */
  record UnusableKeys(String problem) implements SigningKeyFile {}

  /**
   * Reads the content of a file. A problem in the result reveals no key material.
   *
   * @param provider signs with the keys
   */
  static SigningKeyFile parse(byte[] content, SignatureProvider provider) {
    String text = new String(content, StandardCharsets.UTF_8).strip();
    SigningKeyReader reader = new SigningKeyReader(provider);
    try {
      return new FileKeys(text.startsWith("{") ? reader.json(text) : reader.pem(text));
    } catch (UnfitKeyException e) {
      return new UnusableKeys(String.valueOf(e.getMessage()));
    }
  }
}
