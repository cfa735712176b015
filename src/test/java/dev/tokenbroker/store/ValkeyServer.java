package dev.tokenbroker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.edge.FreePort;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.outbound.TestTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real Valkey server at a port of loopback, over TLS, with the ACL user that our documents show.
 * It keeps nothing on disk. {@code -Dstore.server=/usr/bin/redis-server} takes another server.
 */
public final class ValkeyServer implements AutoCloseable {

  static final String USER = "token-broker";
  static final String PASSWORD = "p4ssw0rd-of-the-broker";

  private static final String ADMIN_PASSWORD = "p4ssw0rd-of-the-operator";

  /** As in src/docs/store.md. */
  private static final String ACL =
      "~{token-broker:* resetchannels -@all +eval +get +getrange +set +del +time +zadd +zcard +zrange +zremrangebyscore +pexpire +wait +hello +auth +ping";

  private static final Path PROGRAM =
      Path.of(System.getProperty("store.server", "/usr/bin/valkey-server"));

  private final Path directory;
  private final TestTls authority;
  private final int port = FreePort.find();
  private @Nullable Process process;

  private ValkeyServer(Path directory, TestTls authority) {
    this.directory = directory;
    this.authority = authority;
  }

  /** Starts one and waits until it listens. */
  public static ValkeyServer start(Path directory) {
    if (!Files.isExecutable(PROGRAM)) {
      throw new AssertionError(PROGRAM + " is missing: apt-get install valkey-server");
    }
    TestTls authority = TestTls.generate();
    var _ = authority.writeRoot(directory);
    authority.writePair(directory, "valkey", "localhost", "127.0.0.1");
    ValkeyServer server = new ValkeyServer(directory, authority);
    server.start();
    return server;
  }

  /** Starts it again, empty, at the same port. */
  public void start(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                PROGRAM.toString(),
                "--port 0",
                "--bind 127.0.0.1 -::1",
                "--tls-port " + port,
                "--tls-cert-file " + directory.resolve("valkey.crt"),
                "--tls-key-file " + directory.resolve("valkey.key"),
                "--tls-ca-cert-file " + root(),
                "--tls-auth-clients no",
                "--save ''",
                "--appendonly no",
                "--dir " + directory,
                "--user default off",
                "--user admin on >" + ADMIN_PASSWORD + " ~* &* +@all",
                "--user " + USER + " on >" + PASSWORD + " " + ACL));
    command.addAll(List.of(more));
    try {
      Path configuration = directory.resolve("valkey.conf");
      Files.write(
          configuration, command.stream().skip(1).map(line -> line.substring(2)).toList(), UTF_8);
      process =
          new ProcessBuilder(PROGRAM.toString(), configuration.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
      if (!Eventually.see(this::listens, listens -> listens || !running().isAlive())) {
        throw new AssertionError("it does not listen: " + Files.readString(log()));
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Its address for the broker. */
  public String address() {
    return addressAt(port);
  }

  /** The address of what forwards to it from that port. */
  String addressAt(int other) {
    return "rediss://%s:%s@localhost:%d".formatted(USER, PASSWORD, other);
  }

  int port() {
    return port;
  }

  /** The authority of its certificate, PEM. */
  public Path root() {
    return directory.resolve("test-root.pem");
  }

  /** Has it show a certificate for that host when it is started next. */
  void certificateFor(String host) {
    authority.writePair(directory, "valkey", host);
  }

  /** What a command of an operator prints. */
  public List<String> admin(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/bin/valkey-cli",
                "--tls",
                "--cacert",
                root().toString(),
                "-p",
                "" + port,
                "--user",
                "admin",
                "--pass",
                ADMIN_PASSWORD,
                "--no-auth-warning"));
    command.addAll(List.of(arguments));
    try {
      Process cli = new ProcessBuilder(command).redirectErrorStream(true).start();
      List<String> lines = new String(cli.getInputStream().readAllBytes(), UTF_8).lines().toList();
      if (cli.waitFor() != 0) {
        throw new AssertionError(List.of(arguments) + ": " + lines);
      }
      return lines;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** Stops it where it is, so that it keeps its connections and answers nothing. */
  void hang() {
    signal("STOP");
  }

  void goOn() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int exit = new ProcessBuilder("kill", "-" + name, "" + running().pid()).start().waitFor();
      if (exit != 0) {
        throw new AssertionError("kill ended with " + exit);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** Kills it; what it held is gone. */
  @Override
  public void close() {
    running().destroyForcibly();
    try {
      if (!running().waitFor(20, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private Process running() {
    return Objects.requireNonNull(process, "not started");
  }

  private Path log() {
    return directory.resolve("valkey.log");
  }

  private boolean listens() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
