package dev.tokenbroker.judge.possession;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The keys that a caller has proved to hold. Immutable. */
public final class ProvedKeys {

  /** The keys of a caller without evidence. */
  public static final ProvedKeys NONE = new ProvedKeys(null, null);

  private final @Nullable String certificate;
  private final @Nullable DpopProof proof;

  ProvedKeys(@Nullable String certificate, @Nullable DpopProof proof) {
    this.certificate = certificate;
    this.proof = proof;
  }

  /** The keys of a caller without a proof: only the certificate of its connection. */
  public static ProvedKeys ofConnection(PresentedKeys keys) {
    if (keys.proof() != null) {
      throw new IllegalArgumentException("a proof must be verified");
    }
    return keys.certificate() == null ? NONE : new ProvedKeys(keys.certificate(), null);
  }

  /** All bindings that the keys allow; two callers with equal bindings hold the same keys. */
  public List<Binding> bindings() {
    if (isEmpty()) {
      return List.of();
    }
    return Stream.of(certificate(), key())
        .filter(binding -> !(binding instanceof Binding.None))
        .toList();
  }

  /** Whether no key was proved. */
  public boolean isEmpty() {
    return certificate == null && proof == null;
  }

  /** The proof that came with the request; null where there is none. */
  public @Nullable DpopProof proof() {
    return proof;
  }

  /** The binding to the certificate; to nothing where there is none. */
  Binding certificate() {
    return certificate == null ? Binding.none() : new Binding.Certificate(certificate);
  }

  /** The binding to the key of the proof; to nothing where there is none. */
  Binding key() {
    return proof == null ? Binding.none() : new Binding.Key(proof.thumbprint());
  }
}
