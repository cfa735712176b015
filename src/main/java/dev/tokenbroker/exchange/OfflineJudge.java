package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.CredentialVerifier;
import dev.tokenbroker.credential.SharedUses;
import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.store.OneReplica;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Judges by a given federation, without a running broker. It is {@link TokenExchange#explain}
 * without observers, since nothing happens that would have to be recorded, and without keys to sign
 * with.
 */
public final class OfflineJudge {

  private final TokenExchange exchange;
  private final ExchangeSettings settings;

  /** The settings that a judgement reads. */
  public record Settings(
      ExchangeSettings exchange, AdmissionSettings admission, CacheSettings cache) {}

  public OfflineJudge(
      Federation federation,
      CredentialVerifier verifier,
      ProofVerifier proofs,
      Settings settings,
      InstantSource clock) {
    this.settings = settings.exchange();
    Evaluations evaluations = new Evaluations(() -> Optional.of(federation), List.of(), clock);
    Admission admission = new Admission(settings.admission());
    this.exchange =
        new TokenExchange(
            evaluations,
            new Proofs(proofs, admission),
            new IssuedTokens(
                settings.cache(), _ -> false, clock, System::nanoTime, ThreadLocalRandom::current),
            new EvaluationThreads(admission, settings.exchange()),
            verifier,
            new TokenIssuance(
                // It uses nothing up.
                new OnceOnly(
                    new SharedUses(new UsedCredentials(1, clock), new OneReplica(), clock)),
                _ -> Outcome.refused(Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE)),
                SharedTokens.none(clock)));
  }

  /**
   * The whole verdict, as an operator of a broker with this federation would see it. May wait for
   * an issuer's keys, as long as an exchange may take at most.
   */
  public Verdict explain(ExchangeRequest request) {
    return exchange.explain(request, Deadline.limit(settings.maxDuration())).verdict();
  }
}
