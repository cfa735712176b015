package dev.tokenbroker.bench;

import dev.tokenbroker.edges.grpc.RawMessages;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends prepared messages to a broker, in a closed or an open loop, and keeps what came of them.
 */
final class Volley implements AutoCloseable {

  private static final int CONNECTIONS = 64;

  /** Longer than an exchange may take: so a refusal has a pushback, which these callers honour. */
  private static final int DEADLINE_SECONDS = 15;

  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private final List<ManagedChannel> channels;
  private final ScheduledExecutorService pauses = Executors.newSingleThreadScheduledExecutor();

  /**
   * What came of a volley.
   *
   * @param seconds from the first call to the last
   * @param acceptedMicros how long accepted calls took, in order
   * @param endings how many calls ended how
   * @param withoutPushback refused calls that were not told when to come back
   */
  @SuppressWarnings("ArrayRecordComponent") // it never leaves this command
  record Result(
      double seconds,
      long[] acceptedMicros,
      Map<Status.Code, LongAdder> endings,
      long withoutPushback) {

    double acceptedPerSecond() {
      return acceptedMicros.length / seconds;
    }

    long percentileMicros(int percent) {
      return acceptedMicros.length == 0
          ? Long.MAX_VALUE
          : acceptedMicros[(int) ((acceptedMicros.length - 1) * (long) percent / 100)];
    }

    @Override
    public String toString() {
      return "%.0f/s accepted, µs p50 %d, p99 %d, longest %d; %s"
          .formatted(
              acceptedPerSecond(),
              percentileMicros(50),
              percentileMicros(99),
              percentileMicros(100),
              endings);
    }
  }

  Volley(int port) {
    this.channels =
        IntStream.range(0, CONNECTIONS)
            .mapToObj(
                at ->
                    ManagedChannelBuilder.forAddress("127.0.0.1", port)
                        .usePlaintext()
                        .directExecutor()
                        .build())
            .toList();
  }

  /**
   * So many callers, each of whom calls again once it has its answer, not before the time that it
   * was told; for that time at most. Who finds no broker gives up.
   */
  Result closed(List<byte[]> messages, int callers, double mostSeconds)
      throws InterruptedException {
    Book book = new Book(messages.size());
    AtomicInteger next = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(callers);
    long began = System.nanoTime();
    long end = began + (long) (mostSeconds * 1e9);
    for (int caller = 0; caller < callers; caller++) {
      new Loop(messages, next, caller, end, book, done).run();
    }
    done.await();
    return book.result((System.nanoTime() - began) / 1e9);
  }

  /** So many calls a second, whatever becomes of them. */
  Result open(List<byte[]> messages, double perSecond) throws InterruptedException {
    Book book = new Book(messages.size());
    CountDownLatch done = new CountDownLatch(messages.size());
    long began = System.nanoTime();
    for (int at = 0; at < messages.size(); at++) {
      long due = began + (long) (at / perSecond * 1e9);
      for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
        LockSupport.parkNanos(early);
      }
      call(at, messages.get(at), at, book, (_, _) -> done.countDown());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    if (!done.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException(done.getCount() + " calls never ended");
    }
    return book.result(seconds);
  }

  @Override
  public void close() {
    pauses.shutdownNow();
    channels.forEach(ManagedChannel::shutdownNow);
  }

  /** Is told how a call ended. */
  private interface Ended {

    /**
     * @param pushback milliseconds after which to come back; null where nothing is said of it
     */
    void with(Status status, @Nullable String pushback);
  }

  private void call(int caller, byte[] message, int at, Book book, Ended ended) {
    ClientCall<byte[], byte[]> call =
        channels
            .get(caller % CONNECTIONS)
            .newCall(
                RawMessages.EXCHANGE,
                CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
    long began = System.nanoTime();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            String pushback = trailers.get(PUSHBACK);
            book.ended(at, System.nanoTime() - began, status, pushback != null);
            ended.with(status, pushback);
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(message);
    call.halfClose();
  }

  /** One caller of a closed loop. */
  private final class Loop {

    private final List<byte[]> messages;
    private final AtomicInteger next;
    private final int caller;
    private final long end;
    private final Book book;
    private final CountDownLatch done;

    Loop(
        List<byte[]> messages,
        AtomicInteger next,
        int caller,
        long end,
        Book book,
        CountDownLatch done) {
      this.messages = messages;
      this.next = next;
      this.caller = caller;
      this.end = end;
      this.book = book;
      this.done = done;
    }

    void run() {
      int at = next.getAndIncrement();
      if (at >= messages.size() || System.nanoTime() > end) {
        done.countDown();
      } else {
        call(caller, messages.get(at), at, book, this::again);
      }
    }

    private void again(Status status, @Nullable String pushback) {
      if (pushback != null) {
        Future<?> _ = pauses.schedule(this::run, Long.parseLong(pushback), TimeUnit.MILLISECONDS);
      } else if (status.getCode() == Status.Code.UNAVAILABLE) {
        done.countDown();
      } else {
        run();
      }
    }
  }

  /** Keeps how calls ended; each has its own place. */
  private static final class Book {

    private final long[] micros;
    private final Map<Status.Code, LongAdder> endings = new ConcurrentHashMap<>();
    private final LongAdder withoutPushback = new LongAdder();

    Book(int calls) {
      this.micros = new long[calls];
    }

    void ended(int at, long nanos, Status status, boolean pushback) {
      endings.computeIfAbsent(status.getCode(), any -> new LongAdder()).increment();
      if (status.isOk()) {
        micros[at] = Math.max(1, nanos / 1_000);
      } else if (!pushback) {
        withoutPushback.increment();
      }
    }

    Result result(double seconds) {
      long[] accepted = Arrays.stream(micros).filter(took -> took > 0).sorted().toArray();
      return new Result(seconds, accepted, endings, withoutPushback.sum());
    }
  }
}
