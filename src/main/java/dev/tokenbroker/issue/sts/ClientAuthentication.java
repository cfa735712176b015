package dev.tokenbroker.issue.sts;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the broker authenticates to an upstream. Secrets are named by file and read where they are
 * used; this type holds none.
 */
public sealed interface ClientAuthentication {

  /** The client's identifier at the upstream; null if none is sent. */
  @Nullable String clientId();

  /** The file with the secret or the key; none if there is no such file. */
  default List<UpstreamKind.ClientSecretFile> secrets() {
    return List.of();
  }

  /**
   * The identifier alone: a public client (RFC 6749 section 3.2.1). Without an identifier, the
   * request has only what speaks for the identity (RFC 7523 section 3.1, RFC 8693 section 2.1).
   */
  record NoAuthentication(@Nullable String clientId) implements ClientAuthentication {}

  /** A secret in the Authorization header (RFC 6749 section 2.3.1). */
  record Basic(String clientId, Path file) implements ClientAuthentication {

    @Override
    public List<UpstreamKind.ClientSecretFile> secrets() {
      return List.of(SecretText.in(file));
    }
  }

  /** A secret in the body (RFC 6749 section 2.3.1). */
  record Post(String clientId, Path file) implements ClientAuthentication {

    @Override
    public List<UpstreamKind.ClientSecretFile> secrets() {
      return List.of(SecretText.in(file));
    }
  }

  /**
   * An assertion signed by a key of its own (RFC 7523 section 2.2, OpenID Connect Core section 9).
   *
   * @param file a PEM private key, of a type that tokens can be signed with
   * @param keyId the {@code kid} of the assertion; null for the key's RFC 7638 thumbprint
   */
  record PrivateKeyJwt(String clientId, Path file, @Nullable String keyId)
      implements ClientAuthentication {

    @Override
    public List<UpstreamKind.ClientSecretFile> secrets() {
      return List.of(ClientKeyFile.in(file));
    }
  }

  /** The certificate of its TLS configuration (RFC 8705 section 2). */
  record MutualTls(String clientId) implements ClientAuthentication {}

  /** What speaks for the identity is the client assertion (RFC 7523 section 2.2). */
  record Federated(@Nullable String clientId) implements ClientAuthentication {}
}
