package dev.tokenbroker.base.jose;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Chooses as at a start, in a process of its own, and prints who was chosen. */
final class SignatureProviderProbe {

  private SignatureProviderProbe() {}

  public static void main(String[] args) {
    SignatureProvider provider = new SignatureProvider(() -> CryptoSettings.ProviderChoice.AUTO);
    System.out.println("loading " + AwsLc.load());
    System.out.println("provider " + provider.name());
    byte[] input = "header.payload".getBytes(US_ASCII);
    TestKey key = TestKey.generate("k", SigningAlgorithm.ES256);
    System.out.println(
        "verifies "
            + VerificationKey.of(key.jwk())
                .orElseThrow()
                .verify(provider, SigningAlgorithm.ES256, input, key.sign(input)));
  }
}
