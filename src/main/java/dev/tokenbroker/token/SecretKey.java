package dev.tokenbroker.token;

import dev.tokenbroker.issuer.SignatureProvider;
import dev.tokenbroker.token.SecretFile.Content;
import java.nio.file.Path;
import java.util.List;

/** Client keys: files as for keys that sign tokens, of which the first key counts. */
final class SecretKey {

  private SecretKey() {}

  static SecretFile<SigningKey> load(String upstream, Path file) {
    return SecretFile.load("The client key for upstream " + upstream, file, SecretKey::read);
  }

  private static Content<SigningKey> read(byte[] content) {
    return switch (SigningKeyFile.parse(content, SignatureProvider.jdk())) {
      case SigningKeyFile.Keys(List<SigningKey> keys) -> new Content.Usable<>(keys.getFirst());
      case SigningKeyFile.Unusable(String problem) -> new Content.Unusable<>(problem);
    };
  }
}
