package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.Locale;
import java.util.Optional;

/** The binding that a target requires of its tokens. */
public enum BindingDemand {
  /** Tokens are not bound, since an upstream makes them. */
  BEARER,
  /**
   * None required: a caller with a proof gets a bound token (RFC 9449 section 5), others a plain
   * one.
   */
  NOTHING,
  /** A client certificate. A proof is then checked but not bound to: {@code cnf} names one key. */
  CERTIFICATE,
  /** A proof of possession. */
  DPOP,
  /** Either; a proof wins over a certificate, since a caller sends it on purpose. */
  ANY;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word in the federation document. */
  public String label() {
    return label;
  }

  /** The binding of a token for that caller. */
  public Binding choose(ProvedKeys keys) {
    return switch (this) {
      case BEARER -> Binding.none();
      case NOTHING, DPOP -> keys.key();
      case CERTIFICATE -> keys.certificate();
      case ANY -> keys.key() instanceof Binding.None ? keys.certificate() : keys.key();
    };
  }

  /**
   * The refusal of an insufficient binding: {@code CERTIFICATE_REQUIRED} or {@code
   * DPOP_PROOF_REQUIRED}; else empty.
   */
  public Optional<Refusal> unmetBy(Binding binding) {
    boolean met =
        switch (this) {
          case BEARER, NOTHING -> true;
          case CERTIFICATE -> binding instanceof Binding.Certificate;
          case DPOP -> binding instanceof Binding.Key;
          case ANY -> !(binding instanceof Binding.None);
        };
    RefusalReason reason =
        this == CERTIFICATE
            ? RefusalReason.CERTIFICATE_REQUIRED
            : RefusalReason.DPOP_PROOF_REQUIRED;
    return met
        ? Optional.empty()
        : Optional.of(Refusal.of(reason).expected(expected()).seen("none"));
  }

  /** The requirement, for a verdict. */
  public String expected() {
    return switch (this) {
      case BEARER, NOTHING -> "";
      case CERTIFICATE -> "a client certificate on the TLS connection";
      case DPOP -> "a DPoP proof";
      case ANY -> "a DPoP proof, or a client certificate on the TLS connection";
    };
  }
}
