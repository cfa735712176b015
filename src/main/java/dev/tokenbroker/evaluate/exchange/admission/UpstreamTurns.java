package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Rates;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/**
 * Limits what goes upstream for one verified identity and target, and for all identities of one
 * issuer at one upstream. So nothing that a request may vary makes upstream requests without end. A
 * call over a rate waits for its turn. Safe for use by several threads.
 */
@Singleton
public final class UpstreamTurns {

  /** The longest wait for a turn; a shorter deadline ends it sooner. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Rates<Identity> identities;
  private final Rates<Issuer> issuers;

  private record Identity(String issuer, String subject, String target) {}

  private record Issuer(String name, String upstream) {}

  public UpstreamTurns(AdmissionSettings settings, Clocks clock) {
    this.identities =
        new Rates<>(settings.perIdentityRate(), settings.perIdentityBurst(), clock::nanoTime);
    this.issuers =
        new Rates<>(settings.perIssuerRate(), settings.perIssuerBurst(), clock::nanoTime);
  }

  /**
   * Waits for the turn of a request to the upstream. Blocks: on virtual threads only.
   *
   * @return {@code IDENTITY_RATE_LIMITED} if the turn comes too late; empty if it has come
   */
  public Optional<Refusal> await(
      VerifiedIdentity identity, String target, String upstream, Deadline deadline) {
    long patience = deadline.within(PATIENCE).remaining().toNanos();
    Identity one = new Identity(identity.issuer().name(), identity.subject(), target);
    long own = identities.take(one, patience);
    if (own < 0) {
      return limited("requests of this identity for target " + target, own);
    }
    long all = issuers.take(new Issuer(one.issuer(), upstream), patience);
    if (all < 0) {
      identities.giveBack(one);
      return limited("requests of identities of issuer " + one.issuer(), all);
    }
    return waited(Math.max(own, all))
        ? Optional.empty()
        : limited("requests of this identity for target " + target, -1);
  }

  private static boolean waited(long nanos) {
    try {
      if (nanos > 0) {
        Thread.sleep(Duration.ofNanos(nanos));
      }
      return true;
    } catch (InterruptedException whileWaiting) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Optional<Refusal> limited(String what, long after) {
    return Optional.of(
        Refusal.of(RefusalReason.IDENTITY_RATE_LIMITED)
            .seen("too many " + what)
            .retryAfter(Duration.ofNanos(-after)));
  }
}
