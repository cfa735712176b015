package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas, each with a wire of its own to the store; the first one's is cut. */
@Tag("store")
class NetworkCutIT {

  @TempDir static Path directory;

  private static SeparateNetwork network;
  private static ValkeyServer server;
  private static SharingBrokers brokers;

  @BeforeAll
  static void start() {
    network = new SeparateNetwork();
    server = ValkeyServer.start(directory, network.place());
    brokers =
        new SharingBrokers(
            directory,
            server.root(),
            List.of(server.addressAt(network.host(0)), server.addressAt(network.host(1))),
            Map.of());
  }

  @AfterAll
  static void stop() {
    brokers.close(); // first, as they tell of a store that goes away
    server.close();
    network.close();
  }

  @Test
  void a_replica_that_is_cut_off_refuses_and_the_other_goes_on() {
    Footprint before = Footprint.of(brokers.first());
    String usedBefore = brokers.credential();
    SharingBrokers.exchanges(brokers.one(), usedBefore);
    String held = brokers.credential();

    network.cut(0);
    for (int attempt = 0; attempt < 15; attempt++) {
      Answer refused = brokers.one().exchange(BrokerClient.exchangeOf(held));
      assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refused.reason()).isEqualTo("STORE_UNAVAILABLE");
      brokers.exchangesWithoutStore(brokers.one());
      SharingBrokers.exchanges(brokers.two(), brokers.credential());
    }
    assertThat(brokers.one().exchange(BrokerClient.exchangeOf(usedBefore)).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    String usedMeanwhile = brokers.credential();
    SharingBrokers.exchanges(brokers.two(), usedMeanwhile);

    network.mend(0);
    long mended = System.nanoTime();
    SharingBrokers.exchanges(brokers.one(), held);
    SharingBrokers.assertRecovered(mended);
    assertThat(SharingBrokers.asked(brokers.two(), held).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(SharingBrokers.asked(brokers.one(), usedMeanwhile).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    brokers.assertNothingLeaked(before);
  }
}
