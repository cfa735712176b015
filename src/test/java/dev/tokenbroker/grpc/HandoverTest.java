package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.door.WorkOffLoop;
import dev.tokenbroker.outcome.RefusalReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandoverTest {

  private final Vertx vertx = Vertx.vertx();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CallsUnderWay underWay = new CallsUnderWay();
  private final CallsOffLoop offLoop = new CallsOffLoop();
  private final Handover handover =
      new Handover(new EventLoops(), underWay, new WorkOffLoop(offLoop, threads));

  /** Of one call. */
  private static final class Answer implements StreamObserver<String> {
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile String value = "";

    @Override
    public void onNext(String message) {
      value = message;
    }

    @Override
    public void onError(Throwable refusal) {
      BrokerClient.Answer refused = BrokerClient.refused((StatusRuntimeException) refusal);
      ended.complete(refused.code() + " " + refused.reason());
    }

    @Override
    public void onCompleted() {
      ended.complete(value);
    }
  }

  @AfterEach
  void stop() throws Exception {
    threads.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }

  @Test
  void answers_with_what_was_found_on_another_thread() throws Exception {
    assertThat(answerTo(() -> "found")).isEqualTo("found");
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        IllegalStateException.class,
        StackOverflowError.class,
        NoClassDefFoundError.class,
        InternalError.class,
        AssertionError.class
      })
  void answers_a_call_that_ends_in_a_bug(Class<? extends Throwable> bug) throws Exception {
    assertThat(answerTo(() -> HandoverTest.<RuntimeException>raise(bug)))
        .isEqualTo("INTERNAL INTERNAL_ERROR");
    assertThat(underWay.close(Duration.ofMinutes(1))).as("calls without an answer").isZero();
  }

  @Test
  void sends_away_what_comes_while_too_many_of_its_kind_are_under_way() throws Exception {
    while (offLoop.enter(Kind.EXPLANATION)) {
      // takes all places
    }
    AtomicBoolean lookedAt = new AtomicBoolean();
    Supplier<String> message = () -> String.valueOf(lookedAt.compareAndSet(false, true));
    assertThat(answerTo(message)).isEqualTo("RESOURCE_EXHAUSTED BROKER_OVERLOADED");
    assertThat(lookedAt).isFalse();
    assertThat(underWay.close(Duration.ofMinutes(1))).as("calls without an answer").isZero();
  }

  @Test
  void gives_the_place_of_a_call_to_the_next() throws Exception {
    for (int at = 0; at < 300; at++) {
      assertThat(answerTo(() -> "found")).isEqualTo("found");
    }
  }

  @Test
  void refuses_a_call_that_comes_while_the_broker_is_stopping_with_a_reason_and_a_time() {
    assertThat(underWay.close(Duration.ofMinutes(1))).isZero();
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    boolean admitted =
        handover.admits(
            new StreamObserver<String>() {
              @Override
              public void onNext(String message) {
                throw new AssertionError(message);
              }

              @Override
              public void onError(Throwable refusal) {
                refused.complete(refusal);
              }

              @Override
              public void onCompleted() {
                throw new AssertionError("answered");
              }
            });

    assertThat(admitted).isFalse();
    Throwable refusal = refused.join();
    assertThat(Status.fromThrowable(refusal).getCode()).isEqualTo(Code.UNAVAILABLE);
    Metadata trailers = Objects.requireNonNull(Status.trailersFromThrowable(refusal));
    assertThat(trailers.get(RefusalStatus.PUSHBACK)).matches("[1-9]\\d*");
    assertThat(new String(trailers.get(RefusalStatus.DETAILS), StandardCharsets.UTF_8))
        .contains(RefusalReason.BROKER_STOPPING.name());
  }

  private String answerTo(Supplier<String> message) throws Exception {
    Answer answer = new Answer();
    vertx
        .getOrCreateContext()
        .runOnContext(_ -> handover.offLoop(answer, Kind.EXPLANATION, message));
    return answer.ended.get(10, TimeUnit.SECONDS);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> String raise(Class<? extends Throwable> bug) throws T {
    try {
      throw (T) bug.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException broken) {
      throw new IllegalArgumentException(broken);
    }
  }
}
