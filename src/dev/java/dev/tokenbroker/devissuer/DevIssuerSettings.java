package dev.tokenbroker.devissuer;

import io.smallrye.config.ConfigMapping;
import java.util.OptionalInt;

/** The settings of the issuers of dev and test mode; production builds have none of them. */
@ConfigMapping(prefix = "dev-issuer")
public interface DevIssuerSettings {

  /**
   * The port of the issuer {@code ci} and the upstream {@code corp-sso}; 0 lets the system choose
   * one. Neither starts without it.
   */
  OptionalInt ciPort();
}
