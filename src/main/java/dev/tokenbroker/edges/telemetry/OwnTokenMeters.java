package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.MeterLabels.CLIENT;
import static dev.tokenbroker.edges.telemetry.MeterLabels.REASON;
import static dev.tokenbroker.edges.telemetry.MeterLabels.STATE;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.edges.telemetry.FollowedPeers.Watch;
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

  private static final List<StateMeter<ClientWatch>> METERS =
      Stream.of(
              Stream.of(
                  StateMeter.<ClientWatch>gauge(
                      BrokerMeter.OWN_TOKEN_LIFE,
                      at -> at.client().remainingLife().toMillis() / 1e3),
                  StateMeter.<ClientWatch>counter(
                      BrokerMeter.OWN_TOKEN_REQUESTS, at -> at.client().status().attempts()),
                  StateMeter.<ClientWatch>gauge(
                      BrokerMeter.OWN_TOKEN_BOUND_RATIO, at -> at.client().status().boundRatio())),
              Arrays.stream(CircuitState.values()).map(OwnTokenMeters::circuit),
              OwnClient.REASONS.stream().sorted().map(OwnTokenMeters::failures))
          .flatMap(Function.identity())
          .toList();

  private final FollowedPeers<OwnClient, ClientWatch> clients;

  OwnTokenMeters(MeterRegistry registry) {
    this.clients =
        new FollowedPeers<>(registry, CLIENT, METERS, (_, client) -> new ClientWatch(client));
  }

  /** Gives these clients meters. */
  void follow(Collection<OwnClient> all) {
    clients.follow(all.stream().collect(Collectors.toMap(OwnClient::name, Function.identity())));
  }

  private static StateMeter<ClientWatch> circuit(CircuitState state) {
    return StateMeter.<ClientWatch>gauge(
            BrokerMeter.OWN_TOKEN_CIRCUIT_STATE,
            at -> at.client().status().circuit() == state ? 1 : 0)
        .with(STATE, state.name().toLowerCase(Locale.ROOT));
  }

  private static StateMeter<ClientWatch> failures(RefusalReason reason) {
    return StateMeter.<ClientWatch>counter(
            BrokerMeter.OWN_TOKEN_FAILURES, at -> at.client().failures(reason))
        .with(REASON, reason.name());
  }

  /** A client, which stays the same for as long as the process runs. */
  private record ClientWatch(OwnClient client) implements Watch<OwnClient> {

    @Override
    public void follow(OwnClient same) {}
  }
}
