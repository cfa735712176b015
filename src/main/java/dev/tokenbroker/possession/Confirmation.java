package dev.tokenbroker.possession;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.jose.Sha256;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The claim {@code cnf} (RFC 7800), and whether who presents a token holds what it is bound to:
 * asked of every token of ours that opens something here.
 */
public final class Confirmation {

  /** The claim. */
  public static final String CLAIM = "cnf";

  /** RFC 8705 section 3.1. */
  static final String CERTIFICATE = "x5t#S256";

  /** RFC 9449 section 6.1. */
  static final String KEY = "jkt";

  private Confirmation() {}

  /**
   * Why a token with these claims may not be presented so: one that is bound may only with all that
   * it is bound to, to a key by the scheme {@code DPoP} and a proof made for it (RFC 9449 section
   * 7.1), and one that is not bound to a key only by the scheme {@code Bearer}. What {@code cnf}
   * says beyond that is not understood, and nobody holds it.
   *
   * @return {@code CALLER_UNAUTHENTICATED} for who does not hold what it is bound to; {@code
   *     DPOP_PROOF_INVALID} for who does, by a proof that was not made for this token; empty where
   *     it may
   */
  public static Optional<Refusal> unmetBy(
      Map<String, Object> claims, TokenType scheme, String token, ProvedKeys keys) {
    if (!holds(claims.get(CLAIM), scheme, keys)) {
      return Optional.of(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
    }
    return scheme == TokenType.BEARER
        ? Optional.empty()
        : madeForAnother(Objects.requireNonNull(keys.proof(), "its key is held"), token);
  }

  private static boolean holds(@Nullable Object confirmation, TokenType scheme, ProvedKeys keys) {
    if (confirmation == null) {
      return scheme == TokenType.BEARER;
    }
    if (!(confirmation instanceof Map<?, ?> members) || members.isEmpty()) {
      return false;
    }
    boolean toKey = members.containsKey(KEY);
    return (scheme == TokenType.DPOP) == toKey
        && members.entrySet().stream().allMatch(member -> holds(member, keys));
  }

  /**
   * Whether a credential with these claims may be presented by who holds these keys: one that is
   * bound only by who has proved all that it is bound to, so that exchanging it does not loosen it
   * (RFC 9449 section 7.2). It is a parameter of the request and not its authorisation, so the
   * proof needs no hash of it. What {@code cnf} says beyond a certificate and a key is not
   * understood, and nobody has proved it.
   */
  public static boolean isProved(Map<String, Object> claims, ProvedKeys keys) {
    Object confirmation = claims.get(CLAIM);
    return confirmation == null
        || (confirmation instanceof Map<?, ?> members
            && !members.isEmpty()
            && members.entrySet().stream().allMatch(member -> holds(member, keys)));
  }

  /**
   * Judges {@link #isProved} at {@link Step#BINDING} of the trail, which is not written where it
   * holds.
   *
   * @return the identity; or the refusal {@code CREDENTIAL_KEY_NOT_PROVED}
   */
  public static Outcome<VerifiedIdentity> require(
      VerifiedIdentity identity, ProvedKeys keys, Trail trail) {
    if (isProved(identity.claims(), keys)) {
      return Outcome.accepted(identity);
    }
    String shown =
        keys.isEmpty()
            ? "none"
            : keys.bindings().stream().map(Binding::description).collect(Collectors.joining(", "));
    return trail.refuse(
        Step.BINDING,
        Refusal.of(RefusalReason.CREDENTIAL_KEY_NOT_PROVED)
            .expected("a proof of what the cnf of the credential names")
            .seen(shown));
  }

  private static boolean holds(Map.Entry<?, ?> member, ProvedKeys keys) {
    Object value = member.getValue();
    if (CERTIFICATE.equals(member.getKey())) {
      return keys.certificate() instanceof Binding.Certificate(String held) && held.equals(value);
    }
    DpopProof proof = keys.proof();
    return KEY.equals(member.getKey()) && proof != null && proof.thumbprint().equals(value);
  }

  private static Optional<Refusal> madeForAnother(DpopProof proof, String token) {
    String made = proof.accessTokenHash();
    return hash(token).equals(made)
        ? Optional.empty()
        : Optional.of(
            Refusal.of(RefusalReason.DPOP_PROOF_INVALID)
                .expected("the ath of this token")
                .seen(made == null ? "none" : "that of another"));
  }

  /** The {@code ath} of a token (RFC 9449 section 4.2). */
  private static String hash(String token) {
    return Sha256.base64Url(token.getBytes(StandardCharsets.US_ASCII));
  }
}
