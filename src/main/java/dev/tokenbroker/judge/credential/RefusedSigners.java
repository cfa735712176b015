package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.WitnessKey;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** Finds the key that signed a refused credential, as evidence about the refusal. */
record RefusedSigners(InstantSource clock, SignatureProvider provider) {

  /**
   * The key of the credential's kid, if it made the signature. An expired credential is left out:
   * anybody who has found an old one could present it.
   *
   * @param keys finds a key by its kid, without a fetch
   */
  Optional<WitnessKey> find(
      UnverifiedJwt jwt, TrustedIssuer issuer, Function<String, Optional<WitnessKey>> keys) {
    String kid = jwt.header().keyId();
    Optional<SigningAlgorithm> algorithm =
        SigningAlgorithm.named(jwt.header().algorithm()).filter(issuer.algorithms()::contains);
    if (kid == null || algorithm.isEmpty()) {
      return Optional.empty();
    }
    return keys.apply(kid)
        .filter(key -> key.made(provider, algorithm.get(), jwt.signingInput(), jwt.signature()))
        .filter(_ -> new TimeRules(issuer, clock.instant()).judge(jwt.registered()).isEmpty());
  }
}
