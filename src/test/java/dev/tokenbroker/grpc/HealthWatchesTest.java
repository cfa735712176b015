package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.door.Readiness;
import dev.tokenbroker.door.ReadinessMayHaveChanged;
import dev.tokenbroker.door.Stopping;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthWatchesTest {

  /** By their numbers in the protocol. */
  private static final List<String> NAMES =
      List.of("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN");

  private static final String UNAVAILABLE = "UNAVAILABLE";

  private boolean ready = true;
  private final CallsOffLoop calls = new CallsOffLoop();
  private final HealthWatches watches =
      new HealthWatches(new GrpcServingStatus(() -> new Readiness(() -> ready, () -> true)), calls);
  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final Watcher watcher = new Watcher();

  @Test
  void hears_at_once_how_it_is_and_then_of_changes_only() {
    begin(TokenBrokerGrpc.SERVICE_NAME);
    follow();
    ready = false;
    follow();
    follow();

    assertThat(watcher.heard).containsExactly("SERVING", "NOT_SERVING");
  }

  @Test
  void hears_that_a_service_is_unknown_and_nothing_more() {
    begin("acme.Other");
    follow();

    assertThat(watcher.heard).containsExactly("SERVICE_UNKNOWN");
  }

  @Test
  void is_told_on_the_event_loop_of_its_call_and_nowhere_else() {
    begin("");
    ready = false;
    watches.follows(new ReadinessMayHaveChanged());
    assertThat(watcher.heard).containsExactly("SERVING");

    turn();
    assertThat(watcher.heard).containsExactly("SERVING", "NOT_SERVING");
  }

  @Test
  void is_forgotten_once_its_client_has_gone_and_told_nothing_more() {
    Runnable end = begin("");
    ready = false;
    watches.follows(new ReadinessMayHaveChanged());
    end.run();
    turn();

    assertThat(watches.size()).isZero();
    assertThat(watcher.heard).containsExactly("SERVING");
  }

  @Test
  void ends_with_what_it_is_told_last() {
    begin("");
    stop();

    assertThat(watcher.heard).containsExactly("SERVING", "NOT_SERVING", UNAVAILABLE);
    assertThat(watches.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "acme.Other", "", TokenBrokerGrpc.SERVICE_NAME})
  void ends_when_the_broker_stops_whatever_it_watches_and_though_nothing_changes(String service) {
    ready = false;
    begin(service);
    stop();

    assertThat(watcher.heard).hasSize(2).endsWith(UNAVAILABLE);
  }

  @Test
  void ends_at_once_where_the_broker_is_stopping() {
    stop();
    begin("");

    assertThat(watcher.heard).containsExactly("NOT_SERVING", UNAVAILABLE);
    assertThat(watches.size()).isZero();
  }

  @Test
  void are_so_many_at_a_time_and_no_more() {
    Runnable end = begin("");
    for (int at = 1; at < Kind.WATCH.most(); at++) {
      Runnable _ = watches.begin("", new Watcher(), loop::add);
    }
    Watcher tooMany = new Watcher();
    watches.begin("", tooMany, loop::add).run();
    assertThat(tooMany.heard).containsExactly("UNIMPLEMENTED");

    end.run();
    end.run();
    Watcher next = new Watcher();
    Runnable _ = watches.begin("", next, loop::add);
    assertThat(next.heard).containsExactly("SERVING");
    assertThat(calls.enter(Kind.WATCH)).isFalse();

    stop();
    assertThat(watches.size()).isZero();
    assertThat(calls.enter(Kind.WATCH)).isTrue();
  }

  private Runnable begin(String service) {
    return watches.begin(service, watcher, loop::add);
  }

  private void follow() {
    watches.follows(new ReadinessMayHaveChanged());
    turn();
  }

  private void stop() {
    watches.drains(new Stopping());
    turn();
  }

  private void turn() {
    for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
      task.run();
    }
  }

  private static final class Watcher implements StreamObserver<HealthCheckResponse> {

    private final List<String> heard = new ArrayList<>();

    @Override
    public void onNext(HealthCheckResponse status) {
      heard.add(NAMES.get(status.getStatusValue()));
    }

    @Override
    public void onError(Throwable end) {
      heard.add(Status.fromThrowable(end).getCode().name());
    }

    @Override
    public void onCompleted() {
      heard.add("OK");
    }
  }
}
