package dev.tokenbroker.credential;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** What credentials are read at all. */
@ConfigMapping(prefix = "token-broker.credential")
public interface CredentialSettings {

  /**
   * The largest credential that is read, in bytes: from 1024 to 65536. A form may have 16 KiB more,
   * and 48 KiB in any case.
   */
  @WithName("max-size")
  @WithDefault("16384")
  int maxSizeBytes();

  /**
   * The most used credentials that are remembered, of issuers whose credentials may be exchanged
   * once only. Where there is no room for one more, it is refused.
   */
  @WithDefault("100000")
  int maxUsed();
}
