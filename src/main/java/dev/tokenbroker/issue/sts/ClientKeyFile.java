package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.issue.signing.SigningKey;
import dev.tokenbroker.issue.signing.SigningKeyFile;
import dev.tokenbroker.issue.sts.SecretFile.Content;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file with the private key for client assertions: exactly one key, in a form and of a type
 * that tokens can be signed with.
 */
public final class ClientKeyFile {

  private ClientKeyFile() {}

  /** The problem with such content; empty if it is usable. Reveals no key material. */
  public static Optional<String> fault(byte[] content) {
    return read(content) instanceof Content.UnusableSecret<SigningKey>(String problem)
        ? Optional.of(problem)
        : Optional.empty();
  }

  static SecretFile<SigningKey> load(String upstream, Path file, ChangeListener changes) {
    return SecretFile.load("The client key", upstream, file, ClientKeyFile::read, changes);
  }

  /**
   * Signs with the JDK: an assertion is made for each attempt at an upstream, which takes longer.
   */
  private static Content<SigningKey> read(byte[] content) {
    return switch (SigningKeyFile.parse(content, SignatureProvider.jdk())) {
      case SigningKeyFile.FileKeys(List<SigningKey> keys) when keys.size() == 1 ->
          new Content.UsableSecret<>(keys.getFirst());
      case SigningKeyFile.FileKeys(List<SigningKey> keys) ->
          new Content.UnusableSecret<>(keys.size() + " private keys");
      case SigningKeyFile.UnusableKeys(String problem) -> new Content.UnusableSecret<>(problem);
    };
  }
}
