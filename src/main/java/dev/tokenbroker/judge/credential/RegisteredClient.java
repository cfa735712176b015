package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;

/**
 * An OAuth client that the federation document registers.
 *
 * @param name its {@code client_id}
 * @param proof the one way in which it proves itself
 * @param may its rights; a client has none by default
 * @param disabled whether it is refused, whatever it proves
 */
public record RegisteredClient(
    String name, ClientProof proof, Set<ClientRight> may, boolean disabled) {

  public RegisteredClient {
    may = Set.copyOf(may);
  }

  /** The same client, refused whatever it proves. */
  public RegisteredClient disable() {
    return new RegisteredClient(name, proof, may, true);
  }

  /** Whether it may ask for tokens' states or revoke them, but not exchange. */
  boolean onlyAsks() {
    return !disabled && !may.isEmpty() && !may.contains(ClientRight.EXCHANGE);
  }

  /** What a client may do at this broker. */
  public enum ClientRight {
    EXCHANGE,
    INTROSPECT,
    REVOKE;

    /** The word in the document. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The way in which a client proves itself. */
  public sealed interface ClientProof {

    /** A secret (RFC 6749 section 2.3.1). Only the digest of the secret is kept. */
    final class SharedSecret implements ClientProof {

      private final Path file;
      private final byte[] digest;

      /**
       * @param file the file of the secret
       */
      public SharedSecret(Path file, byte[] secret) {
        this.file = file;
        this.digest = Sha256.of(secret);
      }

      public Path file() {
        return file;
      }

      /** Compares in a time that tells nothing about the secret: all digests have one length. */
      boolean matches(byte[] presented) {
        return MessageDigest.isEqual(digest, Sha256.of(presented));
      }
    }

    /**
     * A key set: the client signs assertions (RFC 7523 section 2.2, {@code private_key_jwt}).
     *
     * @param assertions the client as the issuer of its assertions
     */
    record OwnKeys(TrustedIssuer assertions) implements ClientProof {}

    /**
     * Credentials of a trusted issuer about the client.
     *
     * @param issuer the name of the issuer in the document
     * @param subject the {@code sub} of the credentials
     */
    record Federated(String issuer, String subject) implements ClientProof {}

    /**
     * A client certificate (RFC 8705 section 2).
     *
     * @param thumbprints each the {@code x5t#S256} of a certificate of the client
     */
    record Certificates(Set<String> thumbprints) implements ClientProof {}
  }
}
