package dev.tokenbroker.token;

import dev.tokenbroker.issuer.SignatureProvider;
import java.util.List;
import java.util.Optional;

/** The file with the private key that client assertions are signed with. */
public final class ClientKeyFile {

  private ClientKeyFile() {}

  /**
   * What such content is instead of exactly one usable private key; empty where it is one. Gives no
   * key material away.
   */
  public static Optional<String> fault(byte[] content) {
    return switch (SigningKeyFile.parse(content, SignatureProvider.jdk())) {
      case SigningKeyFile.Keys(List<SigningKey> keys) ->
          keys.size() == 1 ? Optional.empty() : Optional.of(keys.size() + " private keys");
      case SigningKeyFile.Unusable(String problem) -> Optional.of(problem);
    };
  }
}
