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

  /** The file with the secret or the key; null if there is none, or there are several. */
  default @Nullable Path file() {
    return null;
  }

  /** All files with secrets or keys. */
  default List<Path> files() {
    Path one = file();
    return one == null ? List.of() : List.of(one);
  }

  /**
   * The identifier alone: a public client (RFC 6749 section 3.2.1). Without an identifier, the
   * request has only what speaks for the identity (RFC 7523 section 3.1, RFC 8693 section 2.1).
   */
  record NoAuthentication(@Nullable String clientId) implements ClientAuthentication {}

  /** A secret in the Authorization header (RFC 6749 section 2.3.1). */
  record Basic(String clientId, Path file) implements ClientAuthentication {}

  /** A secret in the body (RFC 6749 section 2.3.1). */
  record Post(String clientId, Path file) implements ClientAuthentication {}

  /**
   * An assertion signed by a key of its own (RFC 7523 section 2.2, OpenID Connect Core section 9).
   *
   * @param file a PEM private key, of a type that tokens can be signed with
   * @param keyId the {@code kid} of the assertion; null for the key's RFC 7638 thumbprint
   */
  record PrivateKeyJwt(String clientId, Path file, @Nullable String keyId)
      implements ClientAuthentication {}

  /** The certificate of its TLS configuration (RFC 8705 section 2). */
  record MutualTls(String clientId) implements ClientAuthentication {}

  /** What speaks for the identity is the client assertion (RFC 7523 section 2.2). */
  record Federated(@Nullable String clientId) implements ClientAuthentication {}

  /**
   * JWTs of Apps of GitHub.
   *
   * @param apps in the order of the document
   */
  record GitHubApps(List<GitHubApp> apps) implements ClientAuthentication {

    public GitHubApps {
      apps = List.copyOf(apps);
    }

    @Override
    public @Nullable String clientId() {
      return null;
    }

    @Override
    public List<Path> files() {
      return apps.stream().map(GitHubApp::keyFile).toList();
    }
  }

  /**
   * An App of GitHub.
   *
   * @param id its client id, or its numeric id
   * @param keyFile a PEM private key (RSA)
   */
  record GitHubApp(String id, Path keyFile) {}
}
