package dev.tokenbroker.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A server of its own process. It writes to a pipe, as it does in a container, and what it wrote is
 * put into a file by this process. Closing ends it and what it started, by their process handles.
 */
final class ServerProcess implements AutoCloseable {

  /** The same for every server that is compared. */
  static final List<String> JVM_FLAGS = List.of("-Xms1g", "-Xmx1g");

  private static final Duration START_LIMIT = Duration.ofMinutes(4);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param ready what answers with {@code status} once it is
   */
  static ServerProcess start(
      List<String> command, Map<String, String> environment, Path log, URI ready, int status)
      throws IOException {
    return start(command, environment, log, () -> answers(ready, status));
  }

  /** Starts it and waits until it is ready. */
  static ServerProcess start(
      List<String> command, Map<String, String> environment, Path log, BooleanSupplier ready)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("JAVA", "JAVA_OPTS", "JAVA_TOOL_OPTIONS"));
    builder.environment().putAll(environment);
    ServerProcess server = new ServerProcess(builder.start(), log);
    Thread.ofPlatform().daemon().name("output").start(server::keepOutput);
    try {
      server.awaitReady(ready);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** The Java that runs this. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * The processor time that it and what it started have used: user and system, all threads, in
   * steps of the kernel's clock tick (10 ms on Linux).
   */
  Duration cpu() {
    return handles()
        .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** The minor page faults of it and of what it started: all threads, since their start. */
  long pageFaults() {
    return handles().mapToLong(handle -> pageFaults(handle.pid())).sum();
  }

  private static long pageFaults(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The second field, a name in parentheses, may contain blanks; minflt is the tenth (proc(5)).
      return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[7]);
    } catch (IOException e) {
      throw new UncheckedIOException("the page faults of a server cannot be read", e);
    }
  }

  /** The resident memory of it and of what it started, in MiB. */
  double residentMiB() {
    return handles().mapToDouble(handle -> residentMiB(handle.pid())).sum();
  }

  /** The resident memory of a process, in MiB. */
  static double residentMiB(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")) / 1024)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      throw new UncheckedIOException("the memory of a server cannot be read", e);
    }
  }

  private void keepOutput() {
    try (OutputStream file = Files.newOutputStream(log)) {
      process.getInputStream().transferTo(file);
    } catch (IOException e) {
      throw new UncheckedIOException("the output of a server cannot be kept in " + log, e);
    }
  }

  private void awaitReady(BooleanSupplier ready) {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!ready.getAsBoolean()) {
      if (!process.isAlive()) {
        throw new IllegalStateException("the server ended by itself; see " + log);
      }
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the server is not ready in time; see " + log);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** Whether something listens at that port of this machine. */
  static boolean listens(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static boolean answers(URI ready, int status) {
    HttpRequest request = HttpRequest.newBuilder(ready).timeout(Duration.ofSeconds(10)).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.discarding()).statusCode() == status;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a server starts", e);
    }
  }

  private Stream<ProcessHandle> handles() {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle()));
  }

  @Override
  public void close() {
    List<ProcessHandle> all = handles().toList();
    all.forEach(ProcessHandle::destroy);
    CompletableFuture<?> ended =
        CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    try {
      ended.get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      all.forEach(ProcessHandle::destroyForcibly);
    } catch (InterruptedException e) {
      all.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }
}
