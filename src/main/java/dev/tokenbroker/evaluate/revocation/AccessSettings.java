package dev.tokenbroker.evaluate.revocation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/**
 * Who may introspect or revoke tokens by a client certificate or a client secret, without an access
 * token for it, and who may operate.
 */
@ConfigMapping(prefix = "token-broker.access")
public interface AccessSettings {

  /** SHA-256 thumbprints of the client certificates whose holders may introspect tokens. */
  Optional<List<String>> introspectionCertificates();

  /** Clients with a secret that may introspect tokens, each as {@code id=path of the secret}. */
  Optional<List<String>> introspectionClients();

  /** Clients with a secret that may revoke tokens, each as {@code id=path of the secret}. */
  Optional<List<String>> revocationClients();

  /** SHA-256 thumbprints of the client certificates whose holders may revoke tokens. */
  Optional<List<String>> revocationCertificates();

  /**
   * Whether callers on loopback count as operators without a token. For dev mode: a start in
   * production with it is refused.
   */
  @WithDefault("false")
  boolean operatorsOnLoopback();
}
