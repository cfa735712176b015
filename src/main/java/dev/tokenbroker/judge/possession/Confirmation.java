package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks the claim {@code cnf} (RFC 7800): whether the caller holds the keys that a token is bound
 * to. Every token of ours that grants access to the broker itself is checked.
 */
public final class Confirmation {

  /** The name of the claim. */
  public static final String CLAIM = "cnf";

  /** RFC 8705 section 3.1. */
  static final String CERTIFICATE = "x5t#S256";

  /** RFC 9449 section 6.1. */
  static final String KEY = "jkt";

  private Confirmation() {}

  /**
   * Checks how a token with these claims is presented. A bound token requires that the caller holds
   * everything in {@code cnf}. A token bound to a key requires the scheme {@code DPoP} and a proof
   * made for it (RFC 9449 section 7.1), any other the scheme {@code Bearer}. Unknown members of
   * {@code cnf} count as not held.
   *
   * @return {@code CALLER_UNAUTHENTICATED} where the caller does not hold the keys; {@code
   *     DPOP_PROOF_INVALID} where the proof was not made for this token; empty if all is well
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
    boolean toKey = confirmation instanceof Map<?, ?> members && members.containsKey(KEY);
    return (scheme == TokenType.DPOP) == toKey && isProved(confirmation, keys);
  }

  /**
   * Whether a caller with these keys may present a credential with these claims. A bound credential
   * requires proof of everything in {@code cnf}, so that an exchange does not loosen the binding
   * (RFC 9449 section 7.2). It is a parameter of the request and not its authorisation, so the
   * proof needs no hash of it. Unknown members of {@code cnf} count as not proved.
   */
  public static boolean isProved(Map<String, Object> claims, ProvedKeys keys) {
    Object confirmation = claims.get(CLAIM);
    return confirmation == null || isProved(confirmation, keys);
  }

  private static boolean isProved(Object confirmation, ProvedKeys keys) {
    return confirmation instanceof Map<?, ?> members
        && !members.isEmpty()
        && members.entrySet().stream().allMatch(member -> holds(member, keys));
  }

  /**
   * Checks {@link #isProved} and records a refusal at {@link Step#BINDING} of the trail; success is
   * not recorded.
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
