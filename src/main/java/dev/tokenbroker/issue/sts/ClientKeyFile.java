package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.issue.signing.SigningKey;
import dev.tokenbroker.issue.signing.SigningKeyFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file with the private key for client assertions: exactly one key, in a form and of a type
 * that tokens can be signed with.
 */
public final class ClientKeyFile {

  private static final int MAX_BYTES = 64 << 10;

  private ClientKeyFile() {}

  /** A file with a key. */
  static UpstreamKind.ClientSecretFile in(Path file) {
    return new UpstreamKind.ClientSecretFile(file, MAX_BYTES, ClientKeyFile::fault);
  }

  /** The problem with such content; empty if it is usable. Reveals nothing of it. */
  public static Optional<String> fault(byte[] content) {
    return read(content).fault();
  }

  /**
   * Signs with the JDK: an assertion is made for each attempt at an upstream, which takes longer.
   */
  static FileContent<SigningKey> read(byte[] content) {
    return SigningKeyFile.parse(content, SignatureProvider.jdk())
        .then(
            keys ->
                keys.size() == 1
                    ? new Usable<>(keys.getFirst())
                    : new Unusable<>("holds " + keys.size() + " private keys"));
  }
}
