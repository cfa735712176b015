package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.Converter;

/** How tokens are minted, and how their signing keys are kept. */
@ConfigMapping(prefix = "token-broker.token")
public interface TokenSettings {

  /**
   * The {@code iss} of minted tokens: the URL at which verifiers find this broker, and its
   * well-known documents below it. Has a default in dev and test mode only.
   */
  Optional<String> issuer();

  /** The algorithm of generated keys: ES256, EdDSA or RS256. Keys from files bring their own. */
  @WithDefault("ES256")
  @WithConverter(MintingAlgorithmConverter.class)
  SigningAlgorithm algorithm();

  /**
   * Files with private signing keys, the newest first: PEM (PKCS #8), a JWK or a JWK set. All are
   * published; the first that has been published for long enough signs. All replicas share them;
   * the broker re-reads changed files. Without them each process generates keys of its own.
   */
  Optional<List<Path>> keyFiles();

  /** How often the broker reads the key files. */
  @WithDefault("5s")
  Duration keyFilePollInterval();

  /** How long a generated key signs. */
  @WithDefault("24h")
  Duration rotationPeriod();

  /**
   * How long a key is published before it signs; at least {@code jwks-max-age} and {@code
   * key-file-poll-interval} together.
   */
  @WithDefault("15m")
  Duration publishBefore();

  /** How long verifiers may cache the published keys. */
  @WithDefault("5m")
  Duration jwksMaxAge();

  /** The longest life of any token, from 1 s to 1 h, whatever its target says. */
  @WithDefault("1h")
  Duration maxLifetime();

  /**
   * Reads the name of an algorithm that tokens can be minted with, written as in RFC 7518 and RFC
   * 8037, case included.
   */
  final class MintingAlgorithmConverter implements Converter<SigningAlgorithm> {

    @Override
    public SigningAlgorithm convert(String value) {
      return switch (value) {
        case "ES256" -> SigningAlgorithm.ES256;
        case "EdDSA" -> SigningAlgorithm.EDDSA;
        case "RS256" -> SigningAlgorithm.RS256;
        default ->
            throw new IllegalArgumentException(
                "token-broker.token.algorithm must be ES256, EdDSA or RS256");
      };
    }
  }
}
