package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TrafficCallerTest {

  private static final String FOR_GOOD = "-1";
  private static final String AN_HOUR = "3600000";

  private final AtomicInteger credentials = new AtomicInteger();

  @Test
  void makes_five_calls_with_each_credential() throws Exception {
    try (FakeBroker fake = new FakeBroker(0, Status.Code.OK, FOR_GOOD);
        OwnBroker broker = new OwnBroker(fake.port())) {
      call(caller(broker), 11);

      assertThat(fake.exchanges()).isEqualTo(11);
      assertThat(credentials).hasValue(3);
    }
  }

  @Test
  void drops_a_credential_that_is_refused_for_good() throws Exception {
    try (FakeBroker fake = new FakeBroker(3, Status.Code.UNAUTHENTICATED, FOR_GOOD);
        OwnBroker broker = new OwnBroker(fake.port())) {
      call(caller(broker), 4);

      assertThat(fake.exchanges()).isEqualTo(4);
      assertThat(credentials).hasValue(4);
    }
  }

  @Test
  void waits_as_long_as_the_broker_says() throws Exception {
    try (FakeBroker fake = new FakeBroker(9, Status.Code.UNAVAILABLE, AN_HOUR);
        OwnBroker broker = new OwnBroker(fake.port())) {
      call(caller(broker), 5);

      assertThat(fake.exchanges()).isEqualTo(1);
    }
  }

  @Test
  void comes_back_with_the_same_credential_after_a_pause() throws Exception {
    try (FakeBroker fake = new FakeBroker(2, Status.Code.UNAVAILABLE, "0");
        OwnBroker broker = new OwnBroker(fake.port())) {
      call(caller(broker), 3);

      assertThat(fake.exchanges()).isEqualTo(3);
      assertThat(credentials).hasValue(1);
    }
  }

  private TrafficCaller caller(OwnBroker broker) {
    return new TrafficCaller(
        broker, Traffic.EXCHANGED, () -> "credential-" + credentials.incrementAndGet());
  }

  private static void call(TrafficCaller caller, int times) {
    for (int at = 0; at < times; at++) {
      caller.call();
    }
  }
}
