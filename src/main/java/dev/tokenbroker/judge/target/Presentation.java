package dev.tokenbroker.judge.target;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What an upstream gets to see of an identity. */
public sealed interface Presentation {

  /** What it gets to see where a document says nothing else. */
  Presentation CREDENTIAL = new Credential();

  /** The algorithm of what the broker signs for it; null for that of the broker, or for none. */
  @Nullable SigningAlgorithm algorithm();

  /** The credential of the caller, unchanged. */
  record Credential() implements Presentation {
    @Override
    public @Nullable SigningAlgorithm algorithm() {
      return null;
    }
  }

  /** Nothing: the broker asks in its own name. */
  record Nothing() implements Presentation {
    @Override
    public @Nullable SigningAlgorithm algorithm() {
      return null;
    }
  }

  /**
   * A JWT that this broker signs for each attempt. Its {@code sub} and its extra claims are those
   * of the rule.
   *
   * @param audience its {@code aud}; no target has the same, so it is no token for a target
   * @param lifetime its longest life, {@link #MIN_LIFETIME} to {@link #MAX_LIFETIME}
   * @param algorithm signs it; null for that of the broker
   */
  record Minted(String audience, Duration lifetime, @Nullable SigningAlgorithm algorithm)
      implements Presentation {

    public static final Duration MIN_LIFETIME = Duration.ofMinutes(1);
    public static final Duration DEFAULT_LIFETIME = MIN_LIFETIME;
    public static final Duration MAX_LIFETIME = Duration.ofMinutes(5);

    /** A JWT by the algorithm of the broker. */
    public Minted(String audience, Duration lifetime) {
      this(audience, lifetime, null);
    }

    public Minted {
      if (audience.isEmpty()) {
        throw new IllegalArgumentException("audience is empty");
      }
      if (lifetime.compareTo(MIN_LIFETIME) < 0 || lifetime.compareTo(MAX_LIFETIME) > 0) {
        throw new IllegalArgumentException("lifetime out of bounds: " + lifetime);
      }
    }
  }
}
