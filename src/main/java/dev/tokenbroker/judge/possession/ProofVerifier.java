package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.judge.possession.PresentedKeys.PresentedProof;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Verifies proofs of possession by the list of RFC 9449 section 4.3, the cheap checks first. A
 * proof is taken in a second step: anybody can make proofs, so what is remembered of them is for
 * callers whose credential was verified. Safe for use by several threads. Takes as long as a
 * signature check and may wait for the store of the replicas, so not on an event loop.
 *
 * <p>Refusals: {@code DPOP_PROOF_INVALID}, {@code DPOP_PROOF_MISDIRECTED}, {@code
 * DPOP_PROOF_OUT_OF_TIME}, {@code DPOP_NONCE_REQUIRED}, {@code DPOP_PROOF_REPLAYED}, {@code
 * DPOP_PROOFS_FULL}, {@code STORE_UNAVAILABLE}.
 */
@Singleton
public final class ProofVerifier {

  private final SignatureProvider provider;
  private final Nonces nonces;
  private final InstantSource clock;
  private final Duration maxAge;
  private final Duration leeway;
  private final UsedProofs used;

  public ProofVerifier(
      DpopSettings settings,
      Nonces nonces,
      SignatureProvider provider,
      UsedProofs used,
      InstantSource clock) {
    this.provider = provider;
    this.nonces = nonces;
    this.clock = clock;
    this.maxAge = settings.maxAge();
    this.leeway = settings.leeway();
    this.used = used;
  }

  /** The names of all algorithms that proofs may be signed with. */
  public static List<String> algorithms() {
    return Arrays.stream(SigningAlgorithm.values()).map(SigningAlgorithm::jwaName).toList();
  }

  /**
   * Checks a proof, and that this process has not accepted it before. Remembers nothing and calls
   * nobody.
   */
  public Outcome<ProvedKeys> check(PresentedKeys keys) {
    return verify(keys);
  }

  /** Accepts the proof of the keys once: another call for the same proof is refused. */
  public Outcome<ProvedKeys> take(ProvedKeys keys, Holder holder) {
    return accepted(keys, proof -> used.take(proof, holder));
  }

  /** Whether {@link #take(ProvedKeys, Holder)} would accept the proof; does not use it up. */
  public Outcome<ProvedKeys> look(ProvedKeys keys) {
    return accepted(keys, used::look);
  }

  /** Checks a proof and accepts it once. */
  public Outcome<ProvedKeys> take(PresentedKeys keys, Holder holder) {
    return check(keys).then(proved -> take(proved, holder));
  }

  private Outcome<ProvedKeys> accepted(
      ProvedKeys keys, Function<DpopProof, Optional<Refusal>> memory) {
    DpopProof proof = keys.proof();
    if (proof == null) {
      return Outcome.accepted(keys);
    }
    // Again: an evaluation that took long must not outlast the memory of the replay window.
    Instant now = clock.instant();
    Optional<Refusal> refusal =
        now.isAfter(proof.usableUntil()) ? outOfTime(proof.issueTime(), now) : memory.apply(proof);
    return refusal.map(Outcome::<ProvedKeys>refused).orElseGet(() -> Outcome.accepted(keys));
  }

  /** How many proofs are remembered that have not expired. */
  public int remembered() {
    return used.remembered();
  }

  /** The maximum of {@link #remembered}. */
  public int limit() {
    return used.limit();
  }

  private Outcome<ProvedKeys> verify(PresentedKeys keys) {
    PresentedProof presented = keys.proof();
    if (presented == null) {
      return Outcome.accepted(ProvedKeys.ofConnection(keys));
    }
    if (presented.values().size() != 1) {
      return Outcome.refused(
          Refusal.of(RefusalReason.DPOP_PROOF_INVALID)
              .expected("one DPoP header")
              .seen(presented.values().size() + " of them"));
    }
    return UnverifiedProof.parse(presented.values().getFirst())
        .then(proof -> judge(proof, presented))
        .map(proof -> new ProvedKeys(keys.certificate(), proof));
  }

  private Outcome<DpopProof> judge(UnverifiedProof proof, PresentedProof presented) {
    DpopProof verified = verified(proof);
    return misdirected(proof, presented)
        .or(() -> outOfTime(proof))
        .or(() -> withoutNonce(proof))
        .or(() -> unsigned(proof))
        .or(() -> used.seen(verified))
        .map(Outcome::<DpopProof>refused)
        .orElseGet(() -> Outcome.accepted(verified));
  }

  private DpopProof verified(UnverifiedProof proof) {
    Instant oldest = proof.issueTime().plus(maxAge);
    Instant end = proof.date("exp").map(exp -> exp.minusNanos(1)).orElse(oldest);
    return new DpopProof(
        proof.jwk().thumbprint(),
        proof.accessTokenHash(),
        proof.id(),
        proof.issueTime(),
        end.isBefore(oldest) ? end : oldest);
  }

  private static Optional<Refusal> misdirected(UnverifiedProof proof, PresentedProof presented) {
    if (!proof.method().equals(presented.method())) {
      return flaw(
          RefusalReason.DPOP_PROOF_MISDIRECTED,
          "htm " + presented.method(),
          "htm " + proof.method());
    }
    Optional<String> uri = TargetUri.normal(proof.uri());
    boolean ours =
        uri.isPresent()
            && presented.uris().stream()
                .map(TargetUri::normal)
                .anyMatch(accepted -> accepted.equals(uri));
    return ours
        ? Optional.empty()
        : flaw(
            RefusalReason.DPOP_PROOF_MISDIRECTED,
            "htu " + String.join(" or ", presented.uris()),
            "htu " + proof.uri());
  }

  private Optional<Refusal> outOfTime(UnverifiedProof proof) {
    Instant now = clock.instant();
    Instant issued = proof.issueTime();
    boolean early =
        issued.isAfter(now.plus(leeway))
            || proof.date("nbf").filter(begin -> begin.isAfter(now.plus(leeway))).isPresent();
    boolean late =
        issued.isBefore(now.minus(maxAge))
            || proof.date("exp").filter(end -> !end.isAfter(now)).isPresent();
    if (!early && !late) {
      return Optional.empty();
    }
    return outOfTime(issued, now);
  }

  private Optional<Refusal> outOfTime(Instant issued, Instant now) {
    long distance = Duration.between(issued, now).abs().toSeconds();
    return flaw(
        RefusalReason.DPOP_PROOF_OUT_OF_TIME,
        "iat at most %d s ago and %d s ahead, and now between nbf and exp"
            .formatted(maxAge.toSeconds(), leeway.toSeconds()),
        "iat %d s %s".formatted(distance, issued.isAfter(now) ? "ahead" : "ago"));
  }

  private Optional<Refusal> withoutNonce(UnverifiedProof proof) {
    String nonce = proof.nonce();
    if (!nonces.required() || (nonce != null && nonces.takes(nonce))) {
      return Optional.empty();
    }
    return flaw(
        RefusalReason.DPOP_NONCE_REQUIRED,
        "the nonce that the header DPoP-Nonce of this answer gives",
        nonce == null ? "none" : "another, or one that is too old");
  }

  private Optional<Refusal> unsigned(UnverifiedProof proof) {
    CompactJws.Signed signed = proof.signed();
    boolean good =
        proof
            .jwk()
            .key()
            .verify(provider, proof.algorithm(), signed.signingInput(), signed.signature());
    return good
        ? Optional.empty()
        : flaw(RefusalReason.DPOP_PROOF_INVALID, "a signature by the key in jwk", "another one");
  }

  private static Optional<Refusal> flaw(RefusalReason reason, String expected, String seen) {
    return Optional.of(Refusal.of(reason).expected(expected).seen(seen));
  }
}
