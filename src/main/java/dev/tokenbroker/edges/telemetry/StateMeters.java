package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.BrokerMeter.ADMISSION_ADMITTED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ADMISSION_IN_FLIGHT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ADMISSION_LIMIT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ADMISSION_OVERLOADED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ADMISSION_REFUSED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ADMISSION_WAITING;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_EVICTIONS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_HITS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_MISSES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_NEGATIVE_HITS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_NEGATIVE_SIZE;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_REFRESHES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_REFRESHES_PUT_OFF;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_REFRESH_FAILURES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_SIZE;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CACHE_WEIGHT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CALLER_FAILURES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CHANGES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CHANGES_JOINED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.CRYPTO_PROVIDER;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.DPOP_PROOFS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.DPOP_PROOFS_LIMIT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.FLIGHTS_BEGUN;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.FLIGHTS_JOINED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.FLIGHTS_UNDER_WAY;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.LISTENER_FAULTS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.RECORDING_LOST;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.RECORDING_NOT_KEPT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.RECORDING_REQUESTS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.REVOCATIONS_HELD;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.REVOCATIONS_LIMIT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_ANSWERS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_AVAILABLE;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_FAILURES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_FOREIGN;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_LOSSES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_TRUSTED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.STORE_WAITS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.USED_CREDENTIALS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.USED_CREDENTIALS_LIMIT;
import static dev.tokenbroker.edges.telemetry.MeterLabels.CLIENT;
import static dev.tokenbroker.edges.telemetry.MeterLabels.KIND;
import static dev.tokenbroker.edges.telemetry.MeterLabels.PORT;
import static dev.tokenbroker.edges.telemetry.MeterLabels.PROVIDER;
import static dev.tokenbroker.edges.telemetry.MeterLabels.WHY;
import static dev.tokenbroker.edges.telemetry.StateMeter.counter;
import static dev.tokenbroker.edges.telemetry.StateMeter.gauge;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.edges.edge.ListenerFaults;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.evaluate.exchange.EvaluationThreads;
import dev.tokenbroker.evaluate.exchange.EvaluationThreads.FlightsStatus;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokensStatus;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.operate.changes.ChangeLog;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.StoreCall;
import dev.tokenbroker.peers.store.StoreHealth;
import dev.tokenbroker.peers.store.StoreNotices;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Meters of what the broker itself holds: admission, the token cache, shared evaluations, what is
 * remembered against reuse, the store and the number of the replicas, the timeline of changes, and
 * the signature provider. A scrape reads the values.
 */
@Singleton
final class StateMeters {

  static final List<StateMeter<AdmissionStatus>> ADMISSION =
      List.of(
          gauge(ADMISSION_LIMIT, AdmissionStatus::limit),
          gauge(ADMISSION_WAITING, AdmissionStatus::waiting),
          gauge(ADMISSION_IN_FLIGHT, AdmissionStatus::inFlight),
          gauge(ADMISSION_OVERLOADED, status -> status.overloaded() ? 1 : 0),
          counter(ADMISSION_ADMITTED, AdmissionStatus::admitted),
          refused("waiting", AdmissionStatus::refusedWaiting),
          refused("in_flight", AdmissionStatus::refusedInFlight),
          refused("late", AdmissionStatus::refusedLate),
          refused("credential", AdmissionStatus::refusedCredential),
          refused("expired", AdmissionStatus::expired));

  static final List<StateMeter<IssuedTokensStatus>> CACHE =
      List.of(
          counter(CACHE_HITS, IssuedTokensStatus::hits),
          counter(CACHE_NEGATIVE_HITS, IssuedTokensStatus::negativeHits),
          counter(CACHE_MISSES, IssuedTokensStatus::misses),
          counter(CACHE_REFRESHES, IssuedTokensStatus::refreshesBegun),
          counter(CACHE_REFRESHES_PUT_OFF, IssuedTokensStatus::refreshesPutOff),
          counter(CACHE_REFRESH_FAILURES, IssuedTokensStatus::refreshesFailed),
          counter(CACHE_EVICTIONS, IssuedTokensStatus::evictions),
          gauge(CACHE_SIZE, IssuedTokensStatus::entries),
          gauge(CACHE_WEIGHT, IssuedTokensStatus::weightBytes),
          gauge(CACHE_NEGATIVE_SIZE, IssuedTokensStatus::refusals));

  static final List<StateMeter<FlightsStatus>> FLIGHTS =
      List.of(
          gauge(FLIGHTS_UNDER_WAY, FlightsStatus::underWay),
          counter(FLIGHTS_BEGUN, FlightsStatus::begun),
          counter(FLIGHTS_JOINED, FlightsStatus::joined));

  static final List<StateMeter<ProofVerifier>> POSSESSION =
      List.of(
          gauge(DPOP_PROOFS, ProofVerifier::remembered),
          gauge(DPOP_PROOFS_LIMIT, ProofVerifier::limit));

  static final List<StateMeter<UsedCredentials>> ONCE_ONLY =
      List.of(
          gauge(USED_CREDENTIALS, UsedCredentials::remembered),
          gauge(USED_CREDENTIALS_LIMIT, UsedCredentials::limit));

  static final List<StateMeter<StoreHealth.Status>> STORE =
      List.of(
          available(StoreCall.READ),
          available(StoreCall.CLAIM),
          available(StoreCall.WRITE),
          counter(STORE_ANSWERS, StoreHealth.Status::answers),
          counter(STORE_FAILURES, StoreHealth.Status::failures),
          counter(STORE_WAITS, StoreHealth.Status::waits),
          counter(STORE_FOREIGN, StoreHealth.Status::foreign));

  static final List<StateMeter<StoreNotices.Status>> STORE_MEMORY =
      List.of(
          counter(STORE_LOSSES, StoreNotices.Status::losses),
          gauge(STORE_TRUSTED, status -> status.fit() ? 1 : 0));

  static final List<StateMeter<Revocations>> REVOCATIONS =
      List.of(
          gauge(REVOCATIONS_HELD, Revocations::held), gauge(REVOCATIONS_LIMIT, Revocations::limit));

  static final List<StateMeter<Recorder.Status>> RECORDING =
      List.of(
          gauge(RECORDING_REQUESTS, Recorder.Status::requests),
          counter(RECORDING_NOT_KEPT, Recorder.Status::notKept),
          counter(RECORDING_LOST, Recorder.Status::lost));

  static final List<StateMeter<IntSupplier>> ROSTER =
      List.of(gauge(BrokerMeter.REPLICAS, IntSupplier::getAsInt));

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
      StoreHealth store,
      StoreNotices notices,
      Revocations revocations,
      Recorder recorder,
      Roster roster,
      ChangeLog changes,
      ListenerFaults faults,
      ClientAuthenticator clients,
      SignatureProvider provider) {
    register(ADMISSION, admission::status);
    register(CACHE, tokens::status);
    register(FLIGHTS, evaluations::status);
    register(POSSESSION, () -> proofs);
    register(ONCE_ONLY, () -> used);
    register(STORE, store::status);
    register(STORE_MEMORY, notices::status);
    register(REVOCATIONS, () -> revocations);
    register(RECORDING, recorder::status);
    register(ROSTER, () -> roster::size);
    register(perKind(CHANGES), () -> changes::count);
    register(perKind(CHANGES_JOINED), () -> changes::joined);
    register(List.of(provider(provider)), () -> provider);
    clients.failures().forEach((client, count) -> register(ofClient(client), count::sum));
    for (Listener port : Listener.values()) {
      for (ListenerFault fault : ListenerFault.values()) {
        register(of(port, fault), () -> faults.count(port, fault));
      }
    }
  }

  /** The counter of the wrong secrets of one client. */
  static List<StateMeter<Long>> ofClient(String client) {
    return List.of(StateMeter.<Long>counter(CALLER_FAILURES, sum -> sum).with(CLIENT, client));
  }

  /** The counter of one thing that callers do wrong at one port. */
  static List<StateMeter<Long>> of(Listener port, ListenerFault fault) {
    return List.of(
        StateMeter.<Long>counter(LISTENER_FAULTS, sum -> sum)
            .with(KIND, fault.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .with(PORT, port.name().toLowerCase(Locale.ROOT)));
  }

  <S> void register(List<StateMeter<S>> meters, Supplier<S> state) {
    meters.forEach(figure -> figure.register(registry, state));
  }

  /** A replica on the JDK serves a fraction of what others do. The choice never changes. */
  static StateMeter<SignatureProvider> provider(SignatureProvider provider) {
    return StateMeter.<SignatureProvider>gauge(CRYPTO_PROVIDER, _ -> 1)
        .with(PROVIDER, provider.name());
  }

  /** Counters of changes, or of joins to them, one for each kind of change. */
  static List<StateMeter<ToLongFunction<ChangeKind>>> perKind(BrokerMeter meter) {
    return Arrays.stream(ChangeKind.values())
        .map(
            kind ->
                StateMeter.<ToLongFunction<ChangeKind>>counter(
                        meter, counts -> counts.applyAsLong(kind))
                    .with(KIND, kind.label()))
        .toList();
  }

  private static StateMeter<StoreHealth.Status> available(StoreCall kind) {
    return StateMeter.<StoreHealth.Status>gauge(
            STORE_AVAILABLE, status -> status.problems().containsKey(kind) ? 0 : 1)
        .with(KIND, kind.toString());
  }

  private static StateMeter<AdmissionStatus> refused(
      String why, ToDoubleFunction<AdmissionStatus> value) {
    return counter(ADMISSION_REFUSED, value).with(WHY, why);
  }
}
