package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.MeterLabels.PROVIDER;
import static dev.tokenbroker.edges.telemetry.MeterLabels.RESULT;
import static dev.tokenbroker.edges.telemetry.MeterLabels.WHY;
import static dev.tokenbroker.edges.telemetry.MeterNames.ADMISSION_ADMITTED;
import static dev.tokenbroker.edges.telemetry.MeterNames.ADMISSION_IN_FLIGHT;
import static dev.tokenbroker.edges.telemetry.MeterNames.ADMISSION_LIMIT;
import static dev.tokenbroker.edges.telemetry.MeterNames.ADMISSION_OVERLOADED;
import static dev.tokenbroker.edges.telemetry.MeterNames.ADMISSION_REFUSED;
import static dev.tokenbroker.edges.telemetry.MeterNames.ADMISSION_WAITING;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_EVICTIONS;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_HITS;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_MISSES;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_NEGATIVE_HITS;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_NEGATIVE_SIZE;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_REFRESHES;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_REFRESHES_PUT_OFF;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_REFRESH_FAILURES;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_SHARED;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_SIZE;
import static dev.tokenbroker.edges.telemetry.MeterNames.CACHE_WEIGHT;
import static dev.tokenbroker.edges.telemetry.MeterNames.CRYPTO_PROVIDER;
import static dev.tokenbroker.edges.telemetry.MeterNames.FLIGHTS_BEGUN;
import static dev.tokenbroker.edges.telemetry.MeterNames.FLIGHTS_JOINED;
import static dev.tokenbroker.edges.telemetry.MeterNames.FLIGHTS_UNDER_WAY;
import static dev.tokenbroker.edges.telemetry.MeterNames.PROOFS;
import static dev.tokenbroker.edges.telemetry.MeterNames.PROOFS_LIMIT;
import static dev.tokenbroker.edges.telemetry.MeterNames.RECORDING_LOST;
import static dev.tokenbroker.edges.telemetry.MeterNames.RECORDING_NOT_KEPT;
import static dev.tokenbroker.edges.telemetry.MeterNames.RECORDING_REQUESTS;
import static dev.tokenbroker.edges.telemetry.MeterNames.REVOCATIONS_HELD;
import static dev.tokenbroker.edges.telemetry.MeterNames.REVOCATIONS_LIMIT;
import static dev.tokenbroker.edges.telemetry.MeterNames.STORE_ANSWERS;
import static dev.tokenbroker.edges.telemetry.MeterNames.STORE_AVAILABLE;
import static dev.tokenbroker.edges.telemetry.MeterNames.STORE_FAILURES;
import static dev.tokenbroker.edges.telemetry.MeterNames.STORE_FOREIGN;
import static dev.tokenbroker.edges.telemetry.MeterNames.USED_CREDENTIALS;
import static dev.tokenbroker.edges.telemetry.MeterNames.USED_CREDENTIALS_LIMIT;
import static dev.tokenbroker.edges.telemetry.StateMeter.bytes;
import static dev.tokenbroker.edges.telemetry.StateMeter.counter;
import static dev.tokenbroker.edges.telemetry.StateMeter.gauge;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.evaluate.exchange.EvaluationThreads;
import dev.tokenbroker.evaluate.exchange.EvaluationThreads.FlightsStatus;
import dev.tokenbroker.evaluate.exchange.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.IssuedTokensStatus;
import dev.tokenbroker.evaluate.exchange.SharedTokens;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.peers.store.StoreHealth;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Meters of what the broker itself holds: admission, the token cache, shared evaluations, what is
 * remembered against reuse, the store of the replicas, and the signature provider. A scrape reads
 * the values.
 */
@Singleton
final class StateMeters {

  static final List<StateMeter<AdmissionStatus>> ADMISSION =
      List.of(
          gauge(
              ADMISSION_LIMIT, "Evaluations that may wait for a processor", AdmissionStatus::limit),
          gauge(
              ADMISSION_WAITING, "Evaluations that wait for a processor", AdmissionStatus::waiting),
          gauge(
              ADMISSION_IN_FLIGHT,
              "Evaluations that were let in and have not ended",
              AdmissionStatus::inFlight),
          gauge(
              ADMISSION_OVERLOADED,
              "1 while evaluations wait too long, else 0",
              status -> status.overloaded() ? 1 : 0),
          counter(
              ADMISSION_ADMITTED,
              "Evaluations and checks of proofs begun",
              AdmissionStatus::admitted),
          refused("waiting", AdmissionStatus::refusedWaiting),
          refused("in_flight", AdmissionStatus::refusedInFlight),
          refused("late", AdmissionStatus::refusedLate),
          refused("credential", AdmissionStatus::refusedCredential),
          refused("expired", AdmissionStatus::expired));

  static final List<StateMeter<IssuedTokensStatus>> CACHE =
      List.of(
          counter(CACHE_HITS, "Tokens handed out from the cache", IssuedTokensStatus::hits),
          counter(
              CACHE_NEGATIVE_HITS,
              "Refusals given from the cache",
              IssuedTokensStatus::negativeHits),
          counter(CACHE_MISSES, "All other lookups", IssuedTokensStatus::misses),
          counter(
              CACHE_REFRESHES,
              "Cached tokens renewed before their expiry",
              IssuedTokensStatus::refreshesBegun),
          counter(
              CACHE_REFRESHES_PUT_OFF,
              "Refreshes that came due and could not be begun at once",
              IssuedTokensStatus::refreshesPutOff),
          counter(
              CACHE_REFRESH_FAILURES,
              "Refreshes that brought nothing",
              IssuedTokensStatus::refreshesFailed),
          counter(
              CACHE_EVICTIONS,
              "Tokens evicted because the cache was full",
              IssuedTokensStatus::evictions),
          gauge(CACHE_SIZE, "Tokens held", IssuedTokensStatus::entries),
          bytes(CACHE_WEIGHT, "What the tokens held weigh", IssuedTokensStatus::weightBytes),
          gauge(CACHE_NEGATIVE_SIZE, "Refusals held", IssuedTokensStatus::refusals));

  static final List<StateMeter<SharedTokens.Status>> SHARED =
      List.of(
          lookUps("hit", SharedTokens.Status::hits),
          lookUps("miss", SharedTokens.Status::misses),
          lookUps("rejected", SharedTokens.Status::rejected));

  static final List<StateMeter<FlightsStatus>> FLIGHTS =
      List.of(
          gauge(FLIGHTS_UNDER_WAY, "Shared evaluations under way", FlightsStatus::underWay),
          counter(FLIGHTS_BEGUN, "Shared evaluations begun", FlightsStatus::begun),
          counter(
              FLIGHTS_JOINED,
              "Calls answered by another call's evaluation",
              FlightsStatus::joined));

  static final List<StateMeter<ProofVerifier>> POSSESSION =
      List.of(
          gauge(
              PROOFS,
              "DPoP proofs remembered, so that none is taken twice",
              ProofVerifier::remembered),
          gauge(PROOFS_LIMIT, "How many DPoP proofs may be remembered", ProofVerifier::limit));

  static final List<StateMeter<UsedCredentials>> ONCE_ONLY =
      List.of(
          gauge(
              USED_CREDENTIALS,
              "Remembered credentials of once-only issuers",
              UsedCredentials::remembered),
          gauge(
              USED_CREDENTIALS_LIMIT,
              "How many used credentials may be remembered",
              UsedCredentials::limit));

  static final List<StateMeter<StoreHealth.Status>> STORE =
      List.of(
          gauge(
              STORE_AVAILABLE,
              "1 if the store of the replicas answered the last call, or none is shared, else 0",
              status -> status.available() ? 1 : 0),
          counter(
              STORE_ANSWERS,
              "Calls of the store of the replicas that it answered",
              StoreHealth.Status::answers),
          counter(
              STORE_FAILURES,
              "Calls of the store of the replicas that failed or were not made",
              StoreHealth.Status::failures),
          counter(
              STORE_FOREIGN,
              "Values in the store that no replica wrote, each time that one was met",
              StoreHealth.Status::foreign));

  static final List<StateMeter<Revocations>> REVOCATIONS =
      List.of(
          gauge(REVOCATIONS_HELD, "Revoked tokens that have not expired", Revocations::held),
          gauge(REVOCATIONS_LIMIT, "Revoked tokens that may be kept", Revocations::limit));

  static final List<StateMeter<Recorder.Status>> RECORDING =
      List.of(
          gauge(
              RECORDING_REQUESTS, "Distinct requests in the recording", Recorder.Status::requests),
          counter(
              RECORDING_NOT_KEPT,
              "Judged requests that found no place in the recording",
              Recorder.Status::notKept),
          counter(
              RECORDING_LOST,
              "Judged requests that the recording does not count",
              Recorder.Status::lost));

  private final MeterRegistry registry;

  StateMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void start(
      @Observes Startup event,
      Admission admission,
      IssuedTokens tokens,
      SharedTokens shared,
      EvaluationThreads evaluations,
      ProofVerifier proofs,
      UsedCredentials used,
      StoreHealth store,
      Revocations revocations,
      Recorder recorder,
      SignatureProvider provider) {
    register(ADMISSION, admission::status);
    register(CACHE, tokens::status);
    register(SHARED, shared::status);
    register(FLIGHTS, evaluations::status);
    register(POSSESSION, () -> proofs);
    register(ONCE_ONLY, () -> used);
    register(STORE, store::status);
    register(REVOCATIONS, () -> revocations);
    register(RECORDING, recorder::status);
    register(List.of(provider(provider)), () -> provider);
  }

  <S> void register(List<StateMeter<S>> meters, Supplier<S> state) {
    meters.forEach(figure -> figure.register(registry, state));
  }

  /** A replica on the JDK serves a fraction of what others do. The choice never changes. */
  static StateMeter<SignatureProvider> provider(SignatureProvider provider) {
    return StateMeter.<SignatureProvider>gauge(
            CRYPTO_PROVIDER, "1 for who makes and checks signatures; no other is present", _ -> 1)
        .with(PROVIDER, provider.name());
  }

  private static StateMeter<SharedTokens.Status> lookUps(
      String result, ToDoubleFunction<SharedTokens.Status> value) {
    return counter(CACHE_SHARED, "Look-ups of tokens that other replicas got", value)
        .with(RESULT, result);
  }

  private static StateMeter<AdmissionStatus> refused(
      String why, ToDoubleFunction<AdmissionStatus> value) {
    return counter(ADMISSION_REFUSED, "Evaluations refused by admission", value).with(WHY, why);
  }
}
