package dev.tokenbroker.token;

import dev.tokenbroker.issuer.SignatureProvider;
import dev.tokenbroker.issuer.SigningAlgorithm;
import java.time.InstantSource;

/**
 * Keys made by this process, one signing and one to follow it. The one to follow is made as soon as
 * the one before it signs: long before it must be published, and never while a request waits.
 */
final class GeneratedKeys implements KeySupply {

  private final SigningAlgorithm algorithm;
  private final SignatureProvider provider;
  private final KeyTiming timing;
  private final InstantSource clock;

  GeneratedKeys(
      SigningAlgorithm algorithm,
      SignatureProvider provider,
      KeyTiming timing,
      InstantSource clock) {
    this.algorithm = algorithm;
    this.provider = provider;
    this.timing = timing;
    this.clock = clock;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    if (schedule.isEmpty()) {
      SigningKey first = SigningKey.generate(algorithm, provider);
      return KeySchedule.startingWith(first, clock.instant());
    }
    if (!schedule.awaitsSuccessor(clock.instant())) {
      return schedule;
    }
    // The time is taken after the key is there: no answer given before can have held it.
    SigningKey successor = SigningKey.generate(algorithm, provider);
    return schedule.followedBy(successor, clock.instant(), timing);
  }
}
