package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Program;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Valkey server at a port of loopback, over TLS, with the ACL user that our documents show.
 * It keeps nothing on disk. {@code -Dstore.server=/usr/bin/redis-server} takes another server.
 * Several with one authority make a failover or a cluster.
 */
public final class ValkeyServer implements AutoCloseable {

  static final String USER = "token-broker";
  static final String PASSWORD = "p4ssw0rd-of-the-broker";

  private static final String ADMIN_PASSWORD = "p4ssw0rd-of-the-operator";

  /** As in src/docs/operate/store.md. */
  public static final String ACL =
      "~{token-broker:* resetchannels -@all +info +eval +get +getrange +set +del +time +zadd +zcard"
          + " +zrange +zrem +zremrangebyscore +pexpire +wait +hello +auth +ping";

  /** What the user needs at a sentinel; as in src/docs/operate/store.md. */
  private static final String SENTINEL_ACL =
      "resetchannels -@all +hello +auth +ping +sentinel|sentinels +sentinel|slaves"
          + " +sentinel|get-master-addr-by-name";

  private static final Path PROGRAM =
      Path.of(System.getProperty("store.server", "/usr/bin/valkey-server"));

  private final Path directory;
  private TestTls authority;
  private final List<String> options;
  private final Place place;
  private final int port = FreePort.find();
  private @Nullable Process process;

  /**
   * Where it runs.
   *
   * @param command what starts a program there, empty for here
   * @param hosts what its certificate is for; it listens at the first
   */
  record Place(List<String> command, List<String> hosts) {

    static final Place HERE = new Place(List.of(), List.of("localhost", "127.0.0.1"));
  }

  private ValkeyServer(Path directory, TestTls authority, List<String> options, Place place) {
    this.directory = directory;
    this.authority = authority;
    this.options = options;
    this.place = place;
  }

  /** Starts one and waits until it listens. */
  public static ValkeyServer start(Path directory) {
    return start(directory, TestTls.generate(), serving(ACL), Place.HERE);
  }

  /** Starts one at that place, which may have several addresses. */
  static ValkeyServer start(Path directory, Place place) {
    return start(directory, TestTls.generate(), with(serving(ACL), "bind 0.0.0.0"), place);
  }

  /** Starts an empty node for a cluster, whose user may do what our documents show. */
  static ValkeyServer node(Path directory, TestTls authority) {
    return start(
        directory,
        authority,
        with(
            serving(ACL + " +cluster|slots"),
            "cluster-enabled yes",
            "cluster-port " + FreePort.find(),
            "cluster-node-timeout 1000",
            "cluster-announce-hostname localhost",
            "cluster-preferred-endpoint-type hostname",
            "tls-cluster yes"),
        Place.HERE);
  }

  /** Starts an empty replica of this server. */
  ValkeyServer replica(Path at) {
    return start(at, authority, with(serving(ACL), "replicaof localhost " + port), Place.HERE);
  }

  /**
   * Starts a sentinel that watches this server, fails over after a second, and tells names of
   * hosts, not addresses. Its user may do what our documents show.
   */
  ValkeyServer sentinel(Path at, String masterName) {
    return start(
        at,
        authority,
        List.of(
            "tls-replication yes",
            "user " + USER + " on >" + PASSWORD + " " + SENTINEL_ACL,
            "sentinel resolve-hostnames yes",
            "sentinel announce-hostnames yes",
            "sentinel monitor " + masterName + " localhost " + port + " 1",
            "sentinel auth-user " + masterName + " admin",
            "sentinel auth-pass " + masterName + " " + ADMIN_PASSWORD,
            "sentinel down-after-milliseconds " + masterName + " 1000",
            "sentinel failover-timeout " + masterName + " 3000"),
        Place.HERE);
  }

  private static ValkeyServer start(
      Path directory, TestTls authority, List<String> options, Place place) {
    if (!Files.isExecutable(PROGRAM)) {
      throw new AssertionError(PROGRAM + " is missing: .ci/run tools installs it");
    }
    Unchecked.run(() -> Files.createDirectories(directory));
    authority.writeRoot(directory);
    ValkeyServer server = new ValkeyServer(directory, authority, options, place);
    server.certificateFor(place.hosts().toArray(String[]::new));
    server.start();
    return server;
  }

  /** Starts it again, empty, at the same port. */
  public void start() {
    Path configuration = directory.resolve("valkey.conf");
    List<String> command = new ArrayList<>(place.command());
    command.addAll(List.of(PROGRAM.toString(), configuration.toString()));
    if (options.stream().anyMatch(option -> option.startsWith("sentinel "))) {
      command.add("--sentinel");
    }
    try {
      Files.write(configuration, with(listening(), options.toArray(String[]::new)), UTF_8);
      process =
          new ProcessBuilder(command)
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

  /** What a server and a sentinel have in common. */
  private List<String> listening() {
    return List.of(
        "port 0",
        "bind 127.0.0.1 -::1",
        "tls-port " + port,
        "tls-cert-file " + directory.resolve("valkey.crt"),
        "tls-key-file " + directory.resolve("valkey.key"),
        "tls-ca-cert-file " + root(),
        "tls-auth-clients no",
        "dir " + directory,
        "user default off",
        "user admin on >" + ADMIN_PASSWORD + " ~* &* +@all");
  }

  private static List<String> serving(String acl) {
    return List.of(
        "save ''",
        "appendonly no",
        // As master or replica of another one.
        "repl-diskless-sync-delay 0",
        "replica-announce-ip localhost",
        "tls-replication yes",
        "masteruser admin",
        "masterauth " + ADMIN_PASSWORD,
        "user " + USER + " on >" + PASSWORD + " " + acl);
  }

  private static List<String> with(List<String> options, String... more) {
    return Stream.concat(options.stream(), Stream.of(more)).toList();
  }

  /** Its address for the broker. */
  public String address() {
    return addressAt(port);
  }

  /** The address of what forwards to it from that port. */
  String addressAt(int other) {
    return addressAt("localhost", other);
  }

  /** Its address for a broker that finds it at that host. */
  String addressAt(String host) {
    return addressAt(host, port);
  }

  private static String addressAt(String host, int port) {
    return "rediss://%s:%s@%s:%d".formatted(USER, PASSWORD, host, port);
  }

  int port() {
    return port;
  }

  /** The authority of its certificate, PEM. */
  public Path root() {
    return directory.resolve("test-root.pem");
  }

  /** Has it show a certificate for these hosts when it is started next. */
  void certificateFor(String... hosts) {
    authority.writePair(directory, "valkey", hosts);
  }

  /** Has it show a certificate of another authority when it is started next. */
  void authority(TestTls other) {
    authority = other;
    other.writeRoot(directory);
    certificateFor(place.hosts().toArray(String[]::new));
  }

  /** Has a broker share this server, by the key file {@code store.key}, which it writes. */
  public BrokerProcess.Setup shared(BrokerProcess.Setup setup, int timeoutMillis) {
    return shared(setup, directory, root(), address(), timeoutMillis);
  }

  /** The same for a broker that finds the server at those hosts. */
  static BrokerProcess.Setup shared(
      BrokerProcess.Setup setup, Path directory, Path root, String hosts, int timeoutMillis) {
    settings(directory, root, hosts, timeoutMillis).forEach(setup::with);
    return setup;
  }

  /** What a broker needs to share a store; writes its key file. */
  static Map<String, String> settings(Path directory, Path root, String hosts, int timeoutMillis) {
    try {
      Path key = directory.resolve("store.key");
      if (!Files.exists(key)) {
        Files.writeString(key, "k".repeat(32));
      }
      return Map.of(
          "token-broker.store.shared",
          "true",
          "token-broker.store.key-files",
          key.toString(),
          "token-broker.store.timeout-millis",
          "" + timeoutMillis,
          "quarkus.redis.hosts",
          hosts,
          "quarkus.redis.tls.trust-certificate-pem",
          "true",
          "quarkus.redis.tls.trust-certificate-pem.certs",
          root.toString());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** What a command of an operator prints. */
  public List<String> admin(String... arguments) {
    List<String> command = new ArrayList<>(place.command());
    command.addAll(
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
    return Program.run(command).lines().toList();
  }

  /** Stops it where it is, so that it keeps its connections and answers nothing. */
  void hang() {
    signal("STOP");
  }

  void goOn() {
    signal("CONT");
  }

  private void signal(String name) {
    Program.signal(running().pid(), name);
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
    try (Socket _ = new Socket(place.hosts().getFirst(), port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
