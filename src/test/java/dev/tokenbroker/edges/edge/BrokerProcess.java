package dev.tokenbroker.edges.edge;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.process.runtime.Program;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The broker in a process of its own, on ports of 127.0.0.1 that the system chooses; what it prints
 * is kept. Closing kills it and waits until it has ended.
 */
public final class BrokerProcess implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("https?://127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern MANAGEMENT =
      Pattern.compile("Management interface listening on https?://127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern GRPC = Pattern.compile("gRPC listens at 127\\.0\\.0\\.1:(\\d+)");
  private static final long PATIENCE_SECONDS = 60;
  private static final long KILL_SECONDS = 20;

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private boolean ended;
  private boolean paused;

  private BrokerProcess(Process process) {
    this.process = process;
  }

  /** How it is started. */
  public static final class Setup {

    private final Map<String, String> settings =
        new HashMap<>(
            Map.ofEntries(
                Map.entry("quarkus.http.host", "127.0.0.1"),
                Map.entry("quarkus.http.port", "0"),
                Map.entry("quarkus.http.ssl-port", "0"),
                Map.entry("quarkus.management.host", "127.0.0.1"),
                Map.entry("quarkus.management.port", "0"),
                Map.entry("token-broker.grpc.port", "0"),
                Map.entry("token-broker.shutdown.delay", "0s"),
                Map.entry("token-broker.admission.per-identity-rate", "0"),
                Map.entry("token-broker.admission.per-issuer-rate", "0"),
                Map.entry("token-broker.upstream.allow-http-to-loopback", "true"),
                Map.entry("token-broker.token.issuer", "https://broker.example")));
    private final Map<String, String> environment = new HashMap<>();
    private Path directory = Path.of("").toAbsolutePath();
    private List<String> prefix = List.of();

    public Setup(Path federation) {
      settings.put("token-broker.federation.path", federation.toString());
    }

    /** A setting, as a system property. */
    public Setup with(String key, String value) {
      settings.put(key, value);
      return this;
    }

    /** Leaves a setting to others, such as the environment. */
    public Setup without(String key) {
      settings.remove(key);
      return this;
    }

    public Setup environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Bounds its file descriptors. */
    public Setup openFiles(int most) {
      prefix = List.of("sh", "-c", "ulimit -n " + most + " && exec \"$0\" \"$@\"");
      return this;
    }

    /** Where it is started. */
    public Setup in(Path workingDirectory) {
      directory = workingDirectory;
      return this;
    }

    /** Starts it in that environment and no other; returns at once. */
    public BrokerProcess launch() {
      List<String> properties =
          settings.entrySet().stream()
              .map(setting -> setting.getKey() + "=" + setting.getValue())
              .toList();
      List<String> command = new ArrayList<>(prefix);
      command.addAll(Artifact.built().command(properties));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).directory(directory.toFile());
      builder.environment().clear();
      builder.environment().put("PATH", "/usr/bin:/bin");
      builder.environment().putAll(environment);
      try {
        BrokerProcess broker = new BrokerProcess(builder.start());
        Thread.ofVirtual().start(broker::read);
        return broker;
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    /** Starts it and waits until it listens. */
    public BrokerProcess start() {
      BrokerProcess broker = launch();
      try {
        broker.awaitLine(line -> line.contains("Listening on: "));
        return broker;
      } catch (AssertionError failed) {
        broker.close();
        throw failed;
      }
    }
  }

  /** The port of gRPC. */
  public int grpcPort() {
    return port(GRPC, awaitLine(line -> line.contains("gRPC listens at ")));
  }

  /** The port of metrics and health. */
  public int managementPort() {
    return port(MANAGEMENT, awaitLine(line -> line.contains("Management interface")));
  }

  /** The port of HTTP, with TLS where it speaks nothing else. */
  public int port() {
    return port(ADDRESS, awaitLine(line -> line.contains("Listening on: ")));
  }

  /** The port of TLS, where it listens on both. */
  public int tlsPort() {
    String line = awaitLine(shown -> shown.contains("Listening on: "));
    return port(ADDRESS, line.substring(Math.max(0, line.indexOf(" and https://"))));
  }

  private static int port(Pattern address, String line) {
    Matcher listening = address.matcher(line);
    if (!listening.find()) {
      throw new AssertionError("no port in what it printed: " + line);
    }
    return Integer.parseInt(listening.group(1));
  }

  /** Where metrics and health are. */
  public URI management(String path) {
    return URI.create("http://127.0.0.1:" + managementPort() + path);
  }

  /** What Prometheus reads. */
  public String metrics() {
    return Http.get(management("/q/metrics"), "Accept", "text/plain").body();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  public BrokerClient client() {
    return BrokerClient.plaintext(grpcPort());
  }

  public long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has printed so far. */
  public List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** The first line like that, once there is one. */
  public String awaitLine(Predicate<String> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (lines) {
      while (true) {
        for (String line : lines) {
          if (wanted.test(line)) {
            return line;
          }
        }
        long left = end - System.nanoTime();
        if (ended || left <= 0) {
          throw new AssertionError("no such line in what it printed:\n" + String.join("\n", lines));
        }
        Unchecked.run(() -> TimeUnit.NANOSECONDS.timedWait(lines, left));
      }
    }
  }

  /** Leaves what it prints unread from the next line on, until told otherwise. */
  public void pauseOutput(boolean pause) {
    synchronized (lines) {
      paused = pause;
      lines.notifyAll();
    }
  }

  /** Closes the pipe that it prints to; its next line finds nobody there. */
  public void closeOutput() {
    Unchecked.run(() -> process.getInputStream().close());
  }

  /** Sends it a signal by its name, as {@code TERM}. */
  public void signal(String name) {
    Program.signal(pid(), name);
  }

  /** Its exit code, once it has ended and all that it printed is read. */
  public int awaitExit() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end:\n" + String.join("\n", lines()));
      }
      synchronized (lines) {
        while (!ended) {
          lines.wait();
        }
      }
      return process.exitValue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      // A process that still ends holds its locks, and may write to a directory being removed.
      if (!process.waitFor(KILL_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end when killed:\n" + String.join("\n", lines()));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
          while (paused) {
            lines.wait();
          }
        }
      }
    } catch (IOException closed) {
      // It was killed while a line was read.
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (lines) {
        ended = true;
        lines.notifyAll();
      }
    }
  }
}
