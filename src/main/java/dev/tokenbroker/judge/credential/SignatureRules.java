package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.credential.SignatureRules.SignatureFlaw;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The rules for algorithms and signatures (RFC 7515 section 5.2, RFC 8725). */
final class SignatureRules {

  /** The most keys to try for one credential. The limit bounds the CPU time of a request. */
  static final int MAX_CANDIDATES = 16;

  private static final int MAX_SHOWN_ALGORITHM_CHARS = 16;
  private static final byte DER_SEQUENCE = 0x30;

  private SignatureRules() {}

  /** Returns the names of the issuer's allowed algorithms, in the order of the enum. */
  static String allowed(TrustedIssuer issuer) {
    return issuer.algorithms().stream()
        .sorted()
        .map(SigningAlgorithm::jwaName)
        .collect(Collectors.joining(", "));
  }

  /** Returns the refusal of an {@code alg} that the issuer may not use. */
  static Refusal notAllowed(String algorithm, TrustedIssuer issuer) {
    // No algorithm has a long name. A long text may carry other content, so it is not shown.
    String seen =
        algorithm.length() <= MAX_SHOWN_ALGORITHM_CHARS
            ? algorithm
            : "a name of " + algorithm.length() + " characters";
    Refusal refusal =
        Refusal.of(RefusalReason.ALGORITHM_NOT_ALLOWED).expected(allowed(issuer)).seen(seen);
    String upperCase = algorithm.toUpperCase(Locale.ROOT);
    if (upperCase.equals("NONE")) {
      return refusal.hint("Unsigned credentials are never accepted.");
    }
    if (upperCase.startsWith("HS")) {
      return refusal.hint(
          "HMAC is never accepted: it would make a secret of a key that is public.");
    }
    return SigningAlgorithm.named(algorithm).isEmpty()
            && issuer.algorithms().stream()
                .anyMatch(allowed -> allowed.jwaName().equalsIgnoreCase(algorithm))
        ? refusal.hint("It differs from an allowed one in upper and lower case, which count.")
        : refusal;
  }

  /** Returns the first of these keys that verifies the signature, or why none does. */
  static SignatureFinding judge(
      SignatureProvider provider,
      SigningAlgorithm algorithm,
      List<VerificationKey> keys,
      UnverifiedJwt jwt) {
    byte[] signature = jwt.signature();
    int length = lengthInBytes(algorithm);
    if (length != 0 && signature.length != length) {
      return new SignatureFlaw(
          "The signature has %d bytes where %s has %d%s."
              .formatted(signature.length, algorithm.jwaName(), length, encoding(signature)),
          false);
    }
    byte[] signingInput = jwt.signingInput();
    int tried = 0;
    for (VerificationKey key : keys) {
      if (!key.supports(algorithm)) {
        continue;
      }
      if (tried == MAX_CANDIDATES) {
        String named = jwt.header().keyId() == null ? "no kid" : "a kid of many keys";
        return new SignatureFlaw(
            "It names %s and none of the first %d keys fits.".formatted(named, MAX_CANDIDATES),
            false);
      }
      tried++;
      if (key.verify(provider, algorithm, signingInput, signature)) {
        return new SignatureFinding.SignedBy(key);
      }
    }
    return new SignatureFlaw(
        tried == 0
            ? "The key is for " + algorithms(keys) + ", not for " + algorithm.jwaName() + "."
            : "The token was changed on its way, or another key signed it.",
        true);
  }

  /** Returns the algorithms that the type and the metadata of these keys allow. */
  private static String algorithms(List<VerificationKey> keys) {
    return keys.stream()
        .flatMap(key -> key.algorithms().stream())
        .distinct()
        .sorted()
        .map(SigningAlgorithm::jwaName)
        .collect(Collectors.joining(", "));
  }

  /** The length of R and S together (RFC 7518 section 3.4); zero if the key decides the length. */
  private static int lengthInBytes(SigningAlgorithm algorithm) {
    return switch (algorithm) {
      case ES256 -> 64;
      case ES384 -> 96;
      case ES512 -> 132;
      case RS256, RS384, RS512, PS256, PS384, PS512, EDDSA, ED25519, ED448 -> 0;
    };
  }

  private static String encoding(byte[] signature) {
    return signature.length > 0 && signature[0] == DER_SEQUENCE
        ? "; it seems to be in DER, where RFC 7518 section 3.4 wants R and S as they are"
        : "";
  }

  /**
   * Why no key verifies a signature.
   *
   * @param sentence for operators
   * @param isOfKeys whether another key might verify it, as far as its form tells
   */
  record SignatureFlaw(String sentence, boolean isOfKeys) implements SignatureFinding {}

  /** The result of checking a signature by several keys. */
  sealed interface SignatureFinding permits SignatureFinding.SignedBy, SignatureFlaw {

    /** The key that verifies the signature. */
    record SignedBy(VerificationKey key) implements SignatureFinding {}
  }
}
