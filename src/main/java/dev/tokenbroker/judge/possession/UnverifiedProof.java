package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.jose.JwkFinding;
import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.StrictBase64Url;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A well-formed proof (RFC 9449 section 4.2) whose signature has not been verified: its claims are
 * not trusted yet. Never shown or logged.
 */
record UnverifiedProof(
    SigningAlgorithm algorithm,
    PublicJwk jwk,
    Map<String, Object> claims,
    CompactJws.Signed signed) {

  static final int MAX_CHARS = 8192;
  static final int MAX_ID_CHARS = 512;

  private static final String TYPE = "dpop+jwt";

  /** Members that change what the signature covers or how the parts are read. */
  private static final List<String> NOT_SUPPORTED = List.of("crit", "b64", "zip", "enc");

  private static final int MAX_SHOWN_CHARS = 16;

  /** The proof; or the refusal {@code DPOP_PROOF_INVALID}. */
  static Outcome<UnverifiedProof> parse(String compact) {
    return CompactJws.parse(compact, MAX_CHARS)
        .then(
            jws ->
                jws.header()
                    .then(header -> jws.claims().map(c -> new ReadProof(header, c, jws.signed()))))
        // The parser's refusal speaks of a credential.
        .mapRefusal(why -> why.as(RefusalReason.DPOP_PROOF_INVALID))
        .then(UnverifiedProof::read);
  }

  private record ReadProof(
      Map<String, Object> header, Map<String, Object> claims, CompactJws.Signed signed) {}

  private static Outcome<UnverifiedProof> read(ReadProof read) {
    Map<String, Object> header = read.header();
    for (String name : NOT_SUPPORTED) {
      if (header.containsKey(name)) {
        return refused("a header without " + String.join(", ", NOT_SUPPORTED), name);
      }
    }
    if (!TYPE.equals(header.get("typ"))) {
      return refused("typ " + TYPE, "typ " + shown(header.get("typ")));
    }
    Optional<SigningAlgorithm> algorithm =
        header.get("alg") instanceof String name ? SigningAlgorithm.named(name) : Optional.empty();
    if (algorithm.isEmpty()) {
      return refused(
          "an alg of " + String.join(", ", ProofVerifier.algorithms()),
          "alg " + shown(header.get("alg")));
    }
    if (!(header.get("jwk") instanceof Map<?, ?> members)) {
      return refused("the public key as jwk in the header", "none, or something else");
    }
    return switch (PublicJwk.read(texts(members))) {
      case PublicJwk.JwkReading.UnusableJwk(String why) -> refused("the public key as jwk", why);
      case PublicJwk.JwkReading.UsableJwk(PublicJwk jwk) -> {
        if (!jwk.key().supports(algorithm.get())) {
          yield refused("a key for " + algorithm.get().jwaName(), "a jwk of another type");
        }
        yield judgeTypes(new UnverifiedProof(algorithm.get(), jwk, read.claims(), read.signed()));
      }
    };
  }

  /** Converts the type: names are always strings in JSON. */
  private static Map<String, Object> texts(Map<?, ?> members) {
    return members.entrySet().stream()
        .collect(
            Collectors.toMap(member -> String.valueOf(member.getKey()), Map.Entry<?, ?>::getValue));
  }

  private static Outcome<UnverifiedProof> judgeTypes(UnverifiedProof proof) {
    for (String name : List.of("jti", "htm", "htu")) {
      if (!(proof.claims.get(name) instanceof String text) || text.isEmpty()) {
        return refused("the claim " + name + " as a string", "none, or something else");
      }
    }
    if (proof.id().length() > MAX_ID_CHARS) {
      return refused("a jti of at most " + MAX_ID_CHARS + " characters", "a longer one");
    }
    for (String name : List.of("nonce", "ath")) {
      if (proof.claims.containsKey(name) && !(proof.claims.get(name) instanceof String)) {
        return refused("the claim " + name + " as a string", "something else");
      }
    }
    for (String name : List.of("iat", "nbf", "exp")) {
      Object value = proof.claims.get(name);
      boolean missing = value == null && name.equals("iat");
      if (missing || (value != null && NumericDate.read(value).isEmpty())) {
        return refused(
            "the claim " + name + " as seconds since 1970", missing ? "none" : "something else");
      }
    }
    return Outcome.accepted(proof);
  }

  private static Outcome<UnverifiedProof> refused(String expected, String seen) {
    return Outcome.refused(invalid(expected, seen));
  }

  private static Refusal invalid(String expected, String seen) {
    return Refusal.of(RefusalReason.DPOP_PROOF_INVALID).expected(expected).seen(seen);
  }

  /** No algorithm or type has a long name, so a long one has another purpose and is not shown. */
  private static String shown(@Nullable Object value) {
    return value instanceof String name && name.length() <= MAX_SHOWN_CHARS
        ? name
        : value == null ? "is absent" : "of another kind";
  }

  /** {@code jti}. */
  String id() {
    return text("jti");
  }

  /** {@code htm}. */
  String method() {
    return text("htm");
  }

  /** {@code htu}. */
  String uri() {
    return text("htu");
  }

  /** {@code iat}. */
  Instant issueTime() {
    return date("iat").orElseThrow();
  }

  /** {@code iat}, {@code nbf} or {@code exp}; empty where absent. */
  Optional<Instant> date(String name) {
    return Optional.ofNullable(claims.get(name)).flatMap(NumericDate::read);
  }

  /** {@code nonce}; null where there is none. */
  @Nullable String nonce() {
    return (String) claims.get("nonce");
  }

  /** {@code ath}; null where there is none. */
  @Nullable String accessTokenHash() {
    return (String) claims.get("ath");
  }

  private String text(String name) {
    return String.valueOf(claims.get(name));
  }

  @Override
  public String toString() {
    return "UnverifiedProof";
  }

  /**
   * The public key in the header of a proof (RFC 9449 section 4.2).
   *
   * <p>Only keys with exactly one spelling are accepted, since the thumbprint covers the spelling:
   * base64url without stray bits, RSA numbers without leading zeros (RFC 7518 section 6.3.1.1).
   *
   * @param thumbprint RFC 7638, SHA-256, base64url
   */
  record PublicJwk(VerificationKey key, String thumbprint) {

    static final int MAX_RSA_BITS = 4096;

    /** The key, or why it is unusable. */
    sealed interface JwkReading {
      record UsableJwk(PublicJwk jwk) implements JwkReading {}

      record UnusableJwk(String why) implements JwkReading {}
    }

    static JwkReading read(Map<String, Object> jwk) {
      List<String> numbers =
          switch (String.valueOf(jwk.get("kty"))) {
            case "EC" -> List.of("x", "y");
            case "OKP" -> List.of("x");
            case "RSA" -> List.of("e", "n");
            default -> List.of();
          };
      for (String name : numbers) {
        if (!isCanonical(name, jwk.get(name))) {
          return unusable("its " + name + " is absent, too long or not in its one spelling");
        }
      }
      return switch (VerificationKey.read(jwk)) {
        case JwkFinding.UsableKey(VerificationKey key) ->
            new JwkReading.UsableJwk(new PublicJwk(key, key.thumbprint()));
        case JwkFinding.UnusableKey(String cause) -> unusable(cause);
      };
    }

    private static JwkReading unusable(String cause) {
      return new JwkReading.UnusableJwk(
          "a jwk that is no public key for signatures (EC, OKP, or RSA of 2048 to %d bits): %s"
              .formatted(MAX_RSA_BITS, cause));
    }

    private static boolean isCanonical(String name, @Nullable Object value) {
      if (!(value instanceof String text)) {
        return false;
      }
      Optional<byte[]> bytes = StrictBase64Url.decode(text, 0, text.length());
      return switch (name) {
        case "n", "e" ->
            bytes
                .filter(number -> number.length > 0 && number[0] != 0)
                .filter(number -> number.length <= MAX_RSA_BITS / Byte.SIZE)
                .isPresent();
        default -> bytes.isPresent();
      };
    }
  }
}
