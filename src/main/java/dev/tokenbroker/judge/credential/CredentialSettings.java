package dev.tokenbroker.judge.credential;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** The limits for credentials: the size of one, and the number of used ones to remember. */
@ConfigMapping(prefix = "token-broker.credential")
public interface CredentialSettings {

  /**
   * The largest credential that the broker reads, in bytes: 1024 to 65536. A form body may have 16
   * KiB more than this, and always at least 48 KiB.
   */
  @WithName("max-size")
  @WithDefault("16384")
  int maxSizeBytes();

  /**
   * The most used credentials that the broker remembers, and as many assertions that clients sign
   * themselves. It remembers only credentials of issuers with {@code once: true}. If there is no
   * room for another one, the broker refuses it.
   */
  @WithDefault("100000")
  int maxUsed();
}
