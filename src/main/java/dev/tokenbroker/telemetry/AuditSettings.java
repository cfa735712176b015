package dev.tokenbroker.telemetry;

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
    /** The standard output of the process, those of one turn of an event loop in one write. */
    STDOUT,
    /**
     * The log category {@link AuditLog#CATEGORY}, line by line, whose handlers operators choose.
     */
    LOG
  }
}
