package dev.tokenbroker.edges.telemetry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the audit log. */
@ConfigMapping(prefix = "token-broker.audit")
public interface AuditSettings {

  /** Where audit lines go. */
  @WithDefault("stdout")
  Destination to();

  /** Where audit lines go. */
  enum Destination {
    /** The standard output of the process; lines that wait together share a write. */
    STDOUT,
    /** The log category {@link AuditLog#CATEGORY}, line by line; operators choose its handlers. */
    LOG
  }
}
