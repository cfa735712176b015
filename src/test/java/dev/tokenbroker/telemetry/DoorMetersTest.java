package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class DoorMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ArrivingBytes bytes = new ArrivingBytes(1_000);
  private final CallsOffLoop calls = new CallsOffLoop();

  DoorMetersTest() {
    new DoorMeters(registry, bytes, calls).register();
  }

  @Test
  void show_what_is_held_at_each_door() {
    assertThat(bytes.hold(Door.GRPC, 600)).isTrue();
    assertThat(bytes.hold(Door.HTTP, 700)).as("the other door").isTrue();

    assertThat(held("grpc")).isEqualTo(600);
    assertThat(held("http")).isEqualTo(700);
  }

  @Test
  void count_those_sent_away_by_what_there_is_too_much_of() {
    bytes.refuse();
    for (int at = 0; at < Kind.EXPLANATION.most() + 2; at++) {
      boolean _ = calls.enter(Kind.EXPLANATION);
    }

    assertThat(refused("arriving")).isEqualTo(1);
    assertThat(refused("explanation")).isEqualTo(2);
    assertThat(refused("lifecycle")).isZero();
  }

  private double held(String door) {
    return registry.get(MeterNames.DOOR_ARRIVING).tag(MeterNames.DOOR, door).gauge().value();
  }

  private double refused(String why) {
    return registry.get(MeterNames.DOOR_REFUSED).tag(MeterNames.WHY, why).functionCounter().count();
  }
}
