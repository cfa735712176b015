package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import java.util.Optional;

/**
 * A right to use the broker itself. Each right has a scope of its own, which is compared exactly.
 * No right implies another.
 */
public enum Right {
  /** The caller may read whole verdicts, changes, the candidate and the replicas. */
  OPERATE("operate"),
  /** The caller may ask whether tokens are active (RFC 7662). */
  INTROSPECT("introspect"),
  /** The caller may revoke tokens (RFC 7009). */
  REVOKE("revoke");

  private final String scope;

  Right(String scope) {
    this.scope = scope;
  }

  /** The same right of a registered client; empty if no client can have it. */
  Optional<ClientRight> ofClients() {
    return switch (this) {
      case OPERATE -> Optional.empty();
      case INTROSPECT -> Optional.of(ClientRight.INTROSPECT);
      case REVOKE -> Optional.of(ClientRight.REVOKE);
    };
  }

  /**
   * The scope that grants this right, in a token for the audience {@link BrokerTokens#AUDIENCE}.
   */
  public String scope() {
    return scope;
  }
}
