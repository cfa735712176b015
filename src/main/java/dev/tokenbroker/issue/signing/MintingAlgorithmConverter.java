package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Reads the name of an algorithm that tokens can be minted with, written as in RFC 7518 and RFC
 * 8037, case included.
 */
public final class MintingAlgorithmConverter implements Converter<SigningAlgorithm> {

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
