package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.AdmissionSettings;
import dev.tokenbroker.evaluate.exchange.admission.UpstreamTurns;
import dev.tokenbroker.evaluate.exchange.cache.CacheSettings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens;
import dev.tokenbroker.judge.credential.AssertionChecks;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.SharedUses;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.peers.store.OneReplica;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
      Clocks clock) {
    this.settings = settings.exchange();
    Evaluations evaluations = new Evaluations(() -> Optional.of(federation), List.of(), clock);
    Admission admission = new Admission(settings.admission(), clock);
    // It uses nothing up.
    SharedUses uses = new SharedUses(new UsedCredentials(1, clock), new OneReplica(), clock);
    this.exchange =
        new TokenExchange(
            evaluations,
            new Clients(
                new ClientAuthenticator(verifier, new AssertionChecks(verifier), uses),
                admission,
                verifier),
            new Proofs(proofs, admission),
            new IssuedTokens(settings.cache(), false, _ -> false, clock),
            new EvaluationThreads(admission, settings.exchange()),
            verifier,
            new TokenIssuance(
                new OnceOnly(uses),
                new UpstreamTurns(settings.admission(), clock),
                _ -> Outcome.refused(Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE)),
                new UpstreamTokens(clock)));
  }

  /**
   * The whole verdict, as an operator of a broker with this federation would see it. May wait for
   * an issuer's keys, as long as an exchange may take at most.
   *
   * @param client as in {@link TokenExchange#explain}
   */
  public Verdict explain(ExchangeRequest request, @Nullable String client) {
    return exchange.explain(request, client, Deadline.limit(settings.maxDuration())).verdict();
  }
}
