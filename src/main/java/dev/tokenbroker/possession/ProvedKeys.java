package dev.tokenbroker.possession;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The keys that a caller was proved to hold. Immutable. */
public final class ProvedKeys {

  /** Those of a caller who showed none. */
  public static final ProvedKeys NONE = new ProvedKeys(null, null);

  private final @Nullable String certificate;
  private final @Nullable DpopProof proof;

  ProvedKeys(@Nullable String certificate, @Nullable DpopProof proof) {
    this.certificate = certificate;
    this.proof = proof;
  }

  /** Those of a caller who sent no proof: what its connection has proved. */
  public static ProvedKeys ofConnection(PresentedKeys keys) {
    if (keys.proof() != null) {
      throw new IllegalArgumentException("a proof must be verified");
    }
    return keys.certificate() == null ? NONE : new ProvedKeys(keys.certificate(), null);
  }

  /** What could be bound to them, each alone; two callers with the same hold the same keys. */
  public List<Binding> bindings() {
    if (isEmpty()) {
      return List.of();
    }
    return Stream.of(certificate(), key())
        .filter(binding -> !(binding instanceof Binding.None))
        .toList();
  }

  /** Whether there is none at all. */
  public boolean isEmpty() {
    return certificate == null && proof == null;
  }

  /** The proof that came with the request; null where none did. */
  public @Nullable DpopProof proof() {
    return proof;
  }

  /** To the certificate; to nothing where there is none. */
  Binding certificate() {
    return certificate == null ? Binding.none() : new Binding.Certificate(certificate);
  }

  /** To the key of the proof; to nothing where there is none. */
  Binding key() {
    return proof == null ? Binding.none() : new Binding.Key(proof.thumbprint());
  }
}
