package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.MeterLabels.CLIENT;
import static dev.tokenbroker.edges.telemetry.MeterLabels.REASON;
import static dev.tokenbroker.edges.telemetry.MeterLabels.STATE;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.oauth.OwnClient;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Meters of the clients by which the broker gets its own tokens. A scrape reads the values. */
@Singleton
final class OwnTokenMeters {

  private static final List<StateMeter<OwnClient>> METERS =
      Stream.of(
              Stream.of(
                  StateMeter.<OwnClient>gauge(
                      BrokerMeter.OWN_TOKEN_LIFE,
                      client -> client.remainingLife().toMillis() / 1e3),
                  StateMeter.<OwnClient>counter(
                      BrokerMeter.OWN_TOKEN_REQUESTS, client -> client.status().attempts()),
                  StateMeter.<OwnClient>gauge(
                      BrokerMeter.OWN_TOKEN_BOUND_RATIO, client -> client.status().boundRatio())),
              Arrays.stream(CircuitState.values()).map(OwnTokenMeters::circuit),
              OwnClient.REASONS.stream().sorted().map(OwnTokenMeters::failures))
          .flatMap(Function.identity())
          .toList();

  private final FollowedPeers<OwnClient> clients;

  OwnTokenMeters(MeterRegistry registry) {
    this.clients = new FollowedPeers<>(registry, CLIENT, METERS);
  }

  /** Gives these clients meters. */
  void follow(Collection<OwnClient> all) {
    clients.follow(all.stream().collect(Collectors.toMap(OwnClient::name, Function.identity())));
  }

  private static StateMeter<OwnClient> circuit(CircuitState state) {
    return StateMeter.<OwnClient>gauge(
            BrokerMeter.OWN_TOKEN_CIRCUIT_STATE,
            client -> client.status().circuit() == state ? 1 : 0)
        .with(STATE, state.name().toLowerCase(Locale.ROOT));
  }

  private static StateMeter<OwnClient> failures(RefusalReason reason) {
    return StateMeter.<OwnClient>counter(
            BrokerMeter.OWN_TOKEN_FAILURES, client -> client.failures(reason))
        .with(REASON, reason.name());
  }
}
