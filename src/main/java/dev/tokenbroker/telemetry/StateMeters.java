package dev.tokenbroker.telemetry;

import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.exchange.Admission;
import dev.tokenbroker.exchange.AdmissionStatus;
import dev.tokenbroker.exchange.EvaluationThreads;
import dev.tokenbroker.exchange.FlightsStatus;
import dev.tokenbroker.exchange.IssuedTokens;
import dev.tokenbroker.exchange.IssuedTokensStatus;
import dev.tokenbroker.jose.SignatureProvider;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.signing.Revocations;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Meters of what the broker itself holds: admission, the token cache, shared evaluations, what is
 * remembered against reuse, and the signature provider. A scrape reads the values.
 */
@Singleton
final class StateMeters {

  static final List<Figure<AdmissionStatus>> ADMISSION =
      List.of(
          Figure.gauge(
              MeterNames.ADMISSION_LIMIT,
              "Evaluations that may wait for a processor",
              AdmissionStatus::limit),
          Figure.gauge(
              MeterNames.ADMISSION_WAITING,
              "Evaluations that wait for a processor",
              AdmissionStatus::waiting),
          Figure.gauge(
              MeterNames.ADMISSION_IN_FLIGHT,
              "Evaluations that were let in and have not ended",
              AdmissionStatus::inFlight),
          Figure.gauge(
              MeterNames.ADMISSION_OVERLOADED,
              "1 while evaluations wait for longer than they ought to, else 0",
              status -> status.overloaded() ? 1 : 0),
          Figure.counter(
              MeterNames.ADMISSION_ADMITTED,
              "Evaluations and checks of proofs begun",
              AdmissionStatus::admitted),
          refused("waiting", AdmissionStatus::refusedWaiting),
          refused("in_flight", AdmissionStatus::refusedInFlight),
          refused("late", AdmissionStatus::refusedLate),
          refused("credential", AdmissionStatus::refusedCredential),
          refused("expired", AdmissionStatus::expired));

  static final List<Figure<IssuedTokensStatus>> CACHE =
      List.of(
          Figure.counter(
              MeterNames.CACHE_HITS, "Tokens handed out from the cache", IssuedTokensStatus::hits),
          Figure.counter(
              MeterNames.CACHE_NEGATIVE_HITS,
              "Refusals given from the cache",
              IssuedTokensStatus::negativeHits),
          Figure.counter(MeterNames.CACHE_MISSES, "All other lookups", IssuedTokensStatus::misses),
          Figure.counter(
              MeterNames.CACHE_REFRESHES,
              "Held tokens that came due to be made anew",
              IssuedTokensStatus::refreshesBegun),
          Figure.counter(
              MeterNames.CACHE_REFRESHES_PUT_OFF,
              "Refreshes that came due and could not be begun at once",
              IssuedTokensStatus::refreshesPutOff),
          Figure.counter(
              MeterNames.CACHE_REFRESH_FAILURES,
              "Refreshes that brought nothing",
              IssuedTokensStatus::refreshesFailed),
          Figure.counter(
              MeterNames.CACHE_EVICTIONS,
              "Tokens dropped for want of room",
              IssuedTokensStatus::evictions),
          Figure.gauge(MeterNames.CACHE_SIZE, "Tokens held", IssuedTokensStatus::entries),
          Figure.bytes(
              MeterNames.CACHE_WEIGHT,
              "What the tokens held weigh",
              IssuedTokensStatus::weightBytes),
          Figure.gauge(
              MeterNames.CACHE_NEGATIVE_SIZE, "Refusals held", IssuedTokensStatus::refusals));

  static final List<Figure<FlightsStatus>> FLIGHTS =
      List.of(
          Figure.gauge(
              MeterNames.FLIGHTS_UNDER_WAY,
              "Shared evaluations under way",
              FlightsStatus::underWay),
          Figure.counter(
              MeterNames.FLIGHTS_BEGUN, "Shared evaluations begun", FlightsStatus::begun),
          Figure.counter(
              MeterNames.FLIGHTS_JOINED,
              "Callers who were spared an evaluation of their own",
              FlightsStatus::joined));

  static final List<Figure<ProofVerifier>> PROOFS =
      List.of(
          Figure.gauge(
              MeterNames.PROOFS,
              "DPoP proofs remembered, so that none is taken twice",
              ProofVerifier::remembered),
          Figure.gauge(
              MeterNames.PROOFS_LIMIT,
              "How many DPoP proofs may be remembered",
              ProofVerifier::limit));

  static final List<Figure<UsedCredentials>> USED_CREDENTIALS =
      List.of(
          Figure.gauge(
              MeterNames.USED_CREDENTIALS,
              "Used credentials remembered, of issuers whose may be exchanged once only",
              UsedCredentials::remembered),
          Figure.gauge(
              MeterNames.USED_CREDENTIALS_LIMIT,
              "How many used credentials may be remembered",
              UsedCredentials::limit));

  static final List<Figure<Revocations>> REVOCATIONS =
      List.of(
          Figure.gauge(
              MeterNames.REVOCATIONS_HELD,
              "Revoked tokens that have not expired",
              Revocations::held),
          Figure.gauge(
              MeterNames.REVOCATIONS_LIMIT, "Revoked tokens that may be kept", Revocations::limit));

  private final MeterRegistry registry;

  StateMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void start(
      @Observes Startup event,
      Admission admission,
      IssuedTokens tokens,
      EvaluationThreads evaluations,
      ProofVerifier proofs,
      UsedCredentials used,
      Revocations revocations,
      SignatureProvider provider) {
    register(ADMISSION, admission::status);
    register(CACHE, tokens::status);
    register(FLIGHTS, evaluations::status);
    register(PROOFS, () -> proofs);
    register(USED_CREDENTIALS, () -> used);
    register(REVOCATIONS, () -> revocations);
    register(List.of(provider(provider)), () -> provider);
  }

  <S> void register(List<Figure<S>> figures, Supplier<S> state) {
    figures.forEach(figure -> figure.register(registry, state));
  }

  /** A replica on the JDK serves a fraction of what others do. The choice never changes. */
  static Figure<SignatureProvider> provider(SignatureProvider provider) {
    return Figure.<SignatureProvider>gauge(
            MeterNames.CRYPTO_PROVIDER,
            "1 for who makes and checks signatures; no other is present",
            _ -> 1)
        .with(MeterNames.PROVIDER, provider.name());
  }

  private static Figure<AdmissionStatus> refused(
      String why, ToDoubleFunction<AdmissionStatus> value) {
    return Figure.counter(MeterNames.ADMISSION_REFUSED, "Evaluations refused by admission", value)
        .with(MeterNames.WHY, why);
  }
}
