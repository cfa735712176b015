package dev.tokenbroker.lifecycle;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** Who may ask about tokens and revoke them without a token for it: by client certificate. */
@ConfigMapping(prefix = "token-broker.access")
public interface AccessSettings {

  /** SHA-256 thumbprints of the client certificates whose holders may introspect tokens. */
  Optional<List<String>> introspectionCertificates();

  /** SHA-256 thumbprints of the client certificates whose holders may revoke tokens. */
  Optional<List<String>> revocationCertificates();
}
