package dev.tokenbroker.bench;

import dev.tokenbroker.edges.grpc.RawMessages;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * Offers a broker on this machine three times what it can do, and judges how it bears that. Each
 * call presents a credential of its own, so that each is a whole exchange.
 *
 * <pre>
 * Overload prepare DIR                  writes a key and a federation.yaml
 * Overload closed DIR PORT CALLERS...   for each number, that many callers in a closed loop for 10 s each
 * Overload first DIR PORT CALLERS       the first thousand calls after a start, by that many callers
 * Overload run DIR PORT PID [SECONDS]   measures; PORT is the broker's gRPC port, PID its process; 20 s of overload
 *                                       unless told otherwise
 * </pre>
 *
 * <p>Only loopback is ever called. Ends with status 1 where the broker does not hold to a limit, or
 * where the run says nothing since this process could not offer enough.
 */
public final class Overload {

  private static final int TIMES = 3;
  private static final int MAX_CALLS = 2_000_000;
  private static final int WARM_UP_CALLS = 60_000;
  private static final int SINGLE_CALLS = 5_000;
  private static final double CAPACITY_SECONDS = 6;
  private static final int OVERLOADED_BEFORE_SECONDS = 8;
  private static final int TIMES_BEFORE = 2;
  private static final int LEAD_IN_SECONDS = 3;
  private static final int FIRST_CALLS = 1_000;
  private static final int FIRST_MICROS = 250_000;
  private static final int CLOSED_CALLS = 60_000;
  private static final double CLOSED_SECONDS = 10;
  private static final double GOODPUT = 0.7;
  private static final int MOST_MICROS = 600_000;
  private static final List<Integer> CALLERS = List.of(2, 4, 8, 16, 64);

  private final Credentials credentials;
  private final Path statusFile;
  private final List<String> broken = new ArrayList<>();

  private Overload(Credentials credentials, Path statusFile) {
    this.credentials = credentials;
    this.statusFile = statusFile;
  }

  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[1]);
    switch (args[0]) {
      case "prepare" -> Credentials.prepare(dir);
      case "closed" -> {
        Credentials credentials = Credentials.of(dir);
        try (Volley volley = new Volley(Integer.parseInt(args[2]))) {
          for (String callers : List.of(args).subList(3, args.length)) {
            List<byte[]> messages = credentials.requests(CLOSED_CALLS);
            say(
                "closed loop, " + callers + " callers",
                volley.closed(messages, Integer.parseInt(callers), CLOSED_SECONDS));
          }
        }
      }
      case "first" -> {
        var overload = new Overload(Credentials.of(dir), Path.of("/proc/self/status"));
        try (Volley volley = new Volley(Integer.parseInt(args[2]))) {
          overload.first(volley, Integer.parseInt(args[3]));
        }
        overload.end();
      }
      case "run" -> {
        var overload = new Overload(Credentials.of(dir), Path.of("/proc", args[3], "status"));
        int seconds = args.length > 4 ? Integer.parseInt(args[4]) : 20;
        try (Volley volley = new Volley(Integer.parseInt(args[2]))) {
          overload.run(volley, Math.clamp(seconds, 1, 60));
        }
        overload.end();
      }
      default ->
          throw new IllegalArgumentException("prepare, closed, first or run, not " + args[0]);
    }
  }

  private void first(Volley volley, int callers) throws IOException, InterruptedException {
    // What is measured is the first thousand calls of the broker, not those of this process.
    Server own =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder(TokenBrokerGrpc.SERVICE_NAME)
                    .addMethod(RawMessages.EXCHANGE, ServerCalls.asyncUnaryCall(Overload::echo))
                    .build())
            .build()
            .start();
    try (Volley warmUp = new Volley(own.getPort())) {
      say("warm-up", warmUp.closed(credentials.requests(10 * FIRST_CALLS), callers, 10));
    } finally {
      own.shutdownNow();
    }
    Volley.Result first = volley.closed(credentials.requests(FIRST_CALLS), callers, 60);
    say("the first calls, " + callers + " callers", first);
    judge(first.acceptedMicros().length == FIRST_CALLS, "a call was refused");
    judge(
        first.percentileMicros(100) <= FIRST_MICROS,
        "a call took %d µs, more than 250 ms".formatted(first.percentileMicros(100)));
  }

  private static void echo(byte[] message, StreamObserver<byte[]> answer) {
    answer.onNext(message);
    answer.onCompleted();
  }

  private void end() {
    broken.forEach(System.out::println);
    System.exit(broken.isEmpty() ? 0 : 1);
  }

  private void run(Volley volley, int seconds) throws InterruptedException {
    Volley.Result first = volley.closed(credentials.requests(1), 1, 10);
    if (first.acceptedMicros().length == 0) {
      throw new IllegalStateException("there is no broker that takes a first exchange: " + first);
    }
    say("warm-up", volley.closed(credentials.requests(WARM_UP_CALLS), CALLERS.getLast(), 60));
    double capacity = 0;
    for (int callers : CALLERS) {
      int enough = (int) Math.max(WARM_UP_CALLS, 2 * capacity * CAPACITY_SECONDS);
      Volley.Result closed = volley.closed(credentials.requests(enough), callers, CAPACITY_SECONDS);
      say("closed loop, " + callers + " callers", closed);
      capacity = Math.max(capacity, closed.acceptedPerSecond());
    }
    // All are signed beforehand: what this process does besides calling would delay its calls.
    double offered = TIMES * capacity;
    List<List<byte[]>> before = new ArrayList<>();
    for (int time = 0; time < TIMES_BEFORE; time++) {
      before.add(credentials.requests((int) (offered * OVERLOADED_BEFORE_SECONDS)));
      before.add(credentials.requests((int) (capacity / 2 * LEAD_IN_SECONDS)));
    }
    List<byte[]> single = credentials.requests(SINGLE_CALLS);
    List<byte[]> leadIn = credentials.requests((int) (capacity / 2 * LEAD_IN_SECONDS));
    List<byte[]> messages = credentials.requests((int) Math.min(MAX_CALLS, offered * seconds));
    List<byte[]> forSoon = credentials.requests(4 * SINGLE_CALLS);
    List<byte[]> forAfter = credentials.requests(SINGLE_CALLS);
    // What is compiled for overload is compiled by overload, and what for its beginning, by that.
    for (int time = 0; time < TIMES_BEFORE; time++) {
      say("warm-up, overloaded", volley.open(before.get(2 * time), offered));
      say("warm-up, half of capacity", volley.open(before.get(2 * time + 1), capacity / 2));
    }
    Volley.Result unloaded = volley.closed(single, 1, 30);
    say("one caller, unloaded", unloaded);
    say("lead-in, half of capacity", volley.open(leadIn, capacity / 2));
    long residentBefore = residentKib();
    LongAccumulator most = new LongAccumulator(Math::max, residentBefore);
    Volley.Result loaded;
    try (ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor()) {
      ScheduledFuture<?> _ =
          watch.scheduleAtFixedRate(
              () -> most.accumulate(residentKib()), 0, 200, TimeUnit.MILLISECONDS);
      loaded = volley.open(messages, offered);
      watch.shutdownNow();
    }
    say("open loop, %.0f/s offered for %d s".formatted(offered, seconds), loaded);
    Volley.Result soon = volley.closed(forSoon, 1, 2);
    say("one caller, the 2 s after", soon);
    Volley.Result after = volley.closed(forAfter, 1, 10);
    say("one caller, from 2 s after on", after);
    System.out.printf("resident MiB: before %d, most %d%n", residentBefore >> 10, most.get() >> 10);

    judge(
        messages.size() / loaded.seconds() >= 0.95 * offered,
        "inconclusive: only %.0f/s of %.0f/s were offered"
            .formatted(messages.size() / loaded.seconds(), offered));
    judge(
        loaded.acceptedPerSecond() >= GOODPUT * capacity,
        "goodput %.0f/s is below 70 %% of capacity %.0f/s"
            .formatted(loaded.acceptedPerSecond(), capacity));
    judge(
        loaded.percentileMicros(99) <= MOST_MICROS,
        "p99 %d µs of accepted calls is above 600 ms".formatted(loaded.percentileMicros(99)));
    judge(
        loaded.withoutPushback() == 0,
        loaded.withoutPushback() + " refused calls carry no pushback");
    judge(
        after.percentileMicros(99) <= 2 * unloaded.percentileMicros(99),
        "p99 is still %d µs after 2 s".formatted(after.percentileMicros(99)));
  }

  private void judge(boolean held, String otherwise) {
    if (!held) {
      broken.add(otherwise);
    }
  }

  private long residentKib() {
    try {
      return Files.readAllLines(statusFile).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException gone) {
      throw new UncheckedIOException("there is no broker of that process id", gone);
    }
  }

  private static void say(String what, Volley.Result result) {
    System.out.println(what + ": " + result);
  }
}
