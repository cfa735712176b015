package dev.tokenbroker.keycloak;

import dev.tokenbroker.edges.edge.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A Keycloak of its own process, on free loopback ports, with an empty database in memory. It is
 * started from {@value #HOME} with the Java that runs the tests and logs to a file of its port that
 * begins with {@value #LOGS}.
 *
 * <p>Starting takes about 20 s and at most {@link #START_LIMIT}; stopping ends the process and
 * whatever it started, by their process handles.
 */
final class KeycloakServer implements AutoCloseable {

  static final String HOME = "target/keycloak";
  static final String LOGS = "target/keycloak-";
  static final String ADMIN = "admin";

  private static final Duration START_LIMIT = Duration.ofMinutes(4);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(250);

  private static final Path LOCK = Path.of("target/keycloak.lock");

  private final Process process;
  private final URI address;
  private final Path log;
  private final String adminPassword;

  private KeycloakServer(Process process, URI address, Path log, String adminPassword) {
    this.process = process;
    this.address = address;
    this.log = log;
    this.adminPassword = adminPassword;
  }

  /**
   * Starts it and waits until it answers; throws where it ends or the time is up. Always with the
   * same features: Keycloak builds itself anew where they differ from the last time. Two cannot
   * build at once, so only one of the test processes starts it at a time.
   */
  static KeycloakServer start() throws IOException {
    try (FileChannel lock =
            FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = lock.lock()) {
      return startAlone();
    }
  }

  private static KeycloakServer startAlone() throws IOException {
    int port = FreePort.find();
    Path log = Path.of(LOGS + port + ".log");
    String adminPassword = UUID.randomUUID().toString();
    ProcessBuilder command =
        new ProcessBuilder(
            "sh",
            distribution().resolve("bin").resolve("kc.sh").toString(),
            "start-dev",
            "--http-host=127.0.0.1",
            "--http-port=" + port,
            "--http-management-port=" + FreePort.find(),
            "--db=dev-mem",
            "--cache=local",
            "--features=jwt-authorization-grant,client-auth-federated");
    command.environment().put("JAVA_HOME", System.getProperty("java.home"));
    command.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
    command.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", adminPassword);
    command.environment().keySet().removeAll(List.of("JAVA", "JAVA_OPTS", "JAVA_OPTS_APPEND"));
    command.redirectErrorStream(true).redirectOutput(log.toFile());
    KeycloakServer server =
        new KeycloakServer(
            command.start(), URI.create("http://127.0.0.1:" + port), log, adminPassword);
    try {
      server.awaitReady();
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** The base address, without a slash at the end. */
  URI address() {
    return address;
  }

  String adminPassword() {
    return adminPassword;
  }

  private void awaitReady() {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (!isReady(http)) {
        if (!process.isAlive()) {
          throw new IllegalStateException("Keycloak ended by itself; see " + log);
        }
        if (System.nanoTime() - end > 0) {
          throw new IllegalStateException("Keycloak is not ready in time; see " + log);
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }

  private boolean isReady(HttpClient http) {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/realms/master"))
            .timeout(Duration.ofSeconds(10))
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while Keycloak starts", e);
    }
  }

  @Override
  public void close() {
    // The script runs Java beside itself at first and becomes it later: end both, whichever it is.
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
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

  /** The one folder that the archive holds, named for its version. */
  private static Path distribution() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of(HOME))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("bin").resolve("kc.sh")))
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException("No Keycloak in " + HOME + "; use -Pkeycloak"))
          .toAbsolutePath();
    }
  }
}
