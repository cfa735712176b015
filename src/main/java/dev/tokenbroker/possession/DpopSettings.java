package dev.tokenbroker.possession;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How proofs of possession (DPoP, RFC 9449) are judged. */
@ConfigMapping(prefix = "token-broker.dpop")
public interface DpopSettings {

  /**
   * The addresses at which callers reach this broker, each what stands before {@code /token} or the
   * name of the gRPC method. Where set, a proof must be made for one of them. Without, it may be
   * made for {@code token-broker.token.issuer}, or for the address that the request itself names.
   */
  Optional<List<String>> baseUrls();

  /** How old a proof may be; 1 s to 10 min. */
  @WithDefault("1m")
  Duration maxAge();

  /** How far the clock of a caller may be ahead of ours; 0 s to 1 min. */
  @WithDefault("10s")
  Duration leeway();

  /**
   * How many proofs are remembered so that none is taken twice; when full, proofs are refused until
   * the oldest have become too old to be taken. 1000 to 10000000.
   */
  @WithDefault("200000")
  int maxRemembered();

  /** Whether a proof must have a nonce of ours. */
  @WithDefault("false")
  boolean nonceRequired();

  /** How often a new nonce is given out; each is taken for at least that long. 10 s to 1 h. */
  @WithDefault("5m")
  Duration noncePeriod();

  /**
   * A file of 32 to 4096 bytes from which nonces are made, shared by all replicas: without, each
   * process takes those of its own making only.
   */
  Optional<Path> nonceSecretFile();
}
