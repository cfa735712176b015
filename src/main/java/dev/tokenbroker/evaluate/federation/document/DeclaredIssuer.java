package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.issuer.FixedKeys;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An issuer as declared in the document, without problems. */
record DeclaredIssuer(
    String name, String issuer, Trust trust, DeclaredKeys keys, boolean disabled) {

  /** The conditions on its credentials. */
  record Trust(
      Set<String> audiences,
      Set<SigningAlgorithm> algorithms,
      Duration leeway,
      @Nullable Duration maxTokenAge,
      boolean once,
      @Nullable String defaultAudience) {}

  /** The source of its keys. */
  sealed interface DeclaredKeys {

    /**
     * DeclaredKeys from the network.
     *
     * @param tokenReview whether the issuer there is asked about each credential
     */
    record Remote(KeyLocation location, boolean tokenReview) implements DeclaredKeys {}

    /**
     * DeclaredKeys from the document, or from a file beside it.
     *
     * @param content the key set as read; it is part of the revision
     */
    record Fixed(String content, KeySetDocument keys) implements DeclaredKeys {}
  }

  TrustedIssuer trusted(Function<KeyLocation, KeySetSource> remoteKeys) {
    KeySetSource source =
        switch (keys) {
          case DeclaredKeys.Remote(KeyLocation location, boolean _) -> remoteKeys.apply(location);
          case DeclaredKeys.Fixed(String _, KeySetDocument held) -> FixedKeys.of(held);
        };
    return new TrustedIssuer(
        name,
        issuer,
        trust.audiences(),
        trust.algorithms(),
        trust.leeway(),
        trust.maxTokenAge(),
        disabled,
        trust.once(),
        source,
        keys instanceof DeclaredKeys.Remote remote && remote.tokenReview(),
        name.startsWith(TrustedIssuer.CLIENT_PREFIX));
  }
}
