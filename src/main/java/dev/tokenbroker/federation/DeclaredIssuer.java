package dev.tokenbroker.federation;

import dev.tokenbroker.issuer.FixedKeys;
import dev.tokenbroker.issuer.KeyLocation;
import dev.tokenbroker.issuer.KeySetDocument;
import dev.tokenbroker.issuer.KeySetSource;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.jose.SigningAlgorithm;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An issuer as the document declares it, found to be free of problems. */
record DeclaredIssuer(String name, String issuer, Trust trust, Keys keys, boolean disabled) {

  /** What its credentials must be like. */
  record Trust(
      Set<String> audiences,
      Set<SigningAlgorithm> algorithms,
      Duration leeway,
      @Nullable Duration maxTokenAge,
      boolean once) {}

  /** Where its keys come from. */
  sealed interface Keys {

    /** From the network. */
    record Remote(KeyLocation location) implements Keys {}

    /**
     * From the document, or a file beside it.
     *
     * @param content what was read; it is part of the revision
     */
    record Fixed(String content, KeySetDocument keys) implements Keys {}
  }

  TrustedIssuer trusted(Function<KeyLocation, KeySetSource> remoteKeys) {
    KeySetSource source =
        switch (keys) {
          case Keys.Remote(KeyLocation location) -> remoteKeys.apply(location);
          case Keys.Fixed(String _, KeySetDocument held) -> FixedKeys.of(held);
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
        source);
  }
}
