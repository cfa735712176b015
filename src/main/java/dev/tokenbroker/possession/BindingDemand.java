package dev.tokenbroker.possession;

import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.Locale;
import java.util.Optional;

/** What a target asks of the binding of its tokens. */
public enum BindingDemand {
  /** That they are bound to nothing, since an upstream makes them. */
  BEARER,
  /**
   * Nothing: who sends a proof gets a token bound to it (RFC 9449 section 5), others a plain one.
   */
  NOTHING,
  /** A client certificate. A proof is then checked and not bound to: {@code cnf} names one key. */
  CERTIFICATE,
  /** A proof of possession. */
  DPOP,
  /** Either; a proof goes before a certificate, since who sends one asks for that. */
  ANY;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word in the federation document. */
  public String label() {
    return label;
  }

  /** What a token for that caller is bound to. */
  public Binding choose(ProvedKeys keys) {
    return switch (this) {
      case BEARER -> Binding.none();
      case NOTHING, DPOP -> keys.key();
      case CERTIFICATE -> keys.certificate();
      case ANY -> keys.key() instanceof Binding.None ? keys.certificate() : keys.key();
    };
  }

  /**
   * Why a token must not be bound so: {@code CERTIFICATE_REQUIRED} or {@code DPOP_PROOF_REQUIRED};
   * empty where it may.
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

  /** What is asked for, for a verdict. */
  public String expected() {
    return switch (this) {
      case BEARER, NOTHING -> "";
      case CERTIFICATE -> "a client certificate on the TLS connection";
      case DPOP -> "a DPoP proof";
      case ANY -> "a DPoP proof, or a client certificate on the TLS connection";
    };
  }
}
