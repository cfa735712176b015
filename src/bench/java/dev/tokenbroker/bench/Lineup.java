package dev.tokenbroker.bench;

import io.grpc.CallOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** The servers of a comparison, all of them started, and the kinds of call made to them. */
final class Lineup implements AutoCloseable {

  static final String ECHO = "echo";
  static final String HIT = "hit";
  static final String MISS = "miss";
  static final String UNCACHED = "miss, cache off";
  static final String NATIVE_HIT = "hit, native";
  static final String NATIVE_UNCACHED = "miss, cache off, native";
  static final String TOKEN_EXCHANGE = "Keycloak token exchange";
  static final String JWT_GRANT = "Keycloak JWT grant";

  private static final Path DIRECTORY = Path.of("target/compare");
  private static final String ECHO_JAR = "target/echo/quarkus-app/quarkus-run.jar";

  private final CompareOptions options;
  private final LoadIssuer issuer = new LoadIssuer();
  private CallOptions callOptions = CallOptions.DEFAULT;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Rival> rivals = new ArrayList<>();

  private Lineup(CompareOptions options) {
    this.options = options;
  }

  /** Starts all servers; ends those that have started if one does not. */
  static Lineup start(CompareOptions options) throws Exception {
    Lineup lineup = new Lineup(options);
    try {
      lineup.start();
    } catch (Exception e) {
      lineup.close();
      throw e;
    }
    return lineup;
  }

  List<Rival> rivals() {
    return rivals;
  }

  private void start() throws Exception {
    Files.createDirectories(DIRECTORY);
    Path federation = issuer.writeFederation(DIRECTORY).toAbsolutePath();
    String[] credentials = issuer.sign(LoadIssuer.AUDIENCE, options.credentials());
    List<String> settings =
        List.of(
            "-Dtoken-broker.federation.path=" + federation,
            "-Dtoken-broker.token.issuer=" + LoadIssuer.AUDIENCE,
            "-Dtoken-broker.dpop.max-remembered=10000000");
    if (options.dpop()) {
      callOptions = CallOptions.DEFAULT.withCallCredentials(new Proofs(LoadIssuer.AUDIENCE));
    }

    rival(ECHO, echo(), options.calls(), Requests.same(credentials[0]));

    // Each kind of call has a broker of its own: one that did both would be compiled anew in
    // between.
    Program broker = Program.parse(options.broker());
    Server hits = server("broker-hits", broker, settings);
    rival(HIT, hits, options.calls(), Requests.same(credentials[0]));
    Server misses = server("broker-misses", broker, settings);
    rival(MISS, misses, options.misses(), Requests.distinct(credentials));

    List<String> uncached =
        Stream.concat(settings.stream(), Stream.of("-Dtoken-broker.cache.enabled=false")).toList();
    Server cacheOff = server("broker-uncached", broker, uncached);
    minting(UNCACHED, cacheOff, credentials);
    if (!options.executable().isEmpty()) {
      Program executable = Program.parse(options.executable());
      Server nativeHits = server("native-hits", executable, settings);
      rival(NATIVE_HIT, nativeHits, options.calls(), Requests.same(credentials[0]));
      Server nativeUncached = server("native-uncached", executable, uncached);
      minting(NATIVE_UNCACHED, nativeUncached, credentials);
    }
    if (options.keycloak()) {
      keycloak();
    }
  }

  private void keycloak() throws IOException, InterruptedException {
    Keycloak keycloak = opened(Keycloak.start(DIRECTORY.resolve("keycloak.log"), issuer));
    String[] credentials = issuer.sign(keycloak.issuer(), options.keycloakCalls());
    String token = keycloak.accessToken();
    rival(TOKEN_EXCHANGE, keycloak, number -> keycloak.tokenExchange(token));
    rival(
        JWT_GRANT, keycloak, number -> keycloak.jwtGrant(credentials[number % credentials.length]));
  }

  private record Server(ServerProcess process, Program.Ports ports) {}

  private Server server(String name, Program program, List<String> settings) throws IOException {
    Program.Ports ports = program.freePorts();
    List<String> options =
        Stream.concat(ServerProcess.JVM_FLAGS.stream(), settings.stream()).toList();
    URI ready = URI.create("http://127.0.0.1:" + ports.http() + "/q/health/ready");
    Path log = DIRECTORY.resolve(name + ".log");
    List<String> command = program.command(ports, options);
    return new Server(opened(ServerProcess.start(command, Map.of(), log, ready, 200)), ports);
  }

  private Server echo() throws IOException {
    int port = ServerProcess.freePort();
    List<String> command = new ArrayList<>(List.of(ServerProcess.java()));
    command.addAll(ServerProcess.JVM_FLAGS);
    command.addAll(List.of("-jar", ECHO_JAR, String.valueOf(port)));
    Path log = DIRECTORY.resolve("echo.log");
    ServerProcess process =
        ServerProcess.start(command, Map.of(), log, () -> ServerProcess.listens(port));
    return new Server(opened(process), new Program.Ports(port, port, port));
  }

  private void rival(String name, Server server, int calls, IntFunction<byte[]> requests) {
    GrpcEdge edge = new GrpcEdge(server.ports().grpc(), requests, callOptions);
    rivals.add(opened(new Rival(name, server.process(), edge, calls, options.warmUp(), null)));
  }

  /** One of whose meters is read how long it takes to verify and to mint. */
  private void minting(String name, Server server, String[] credentials) {
    GrpcEdge edge =
        new GrpcEdge(server.ports().grpc(), Requests.distinct(credentials), callOptions);
    URI metrics = URI.create("http://127.0.0.1:" + server.ports().management() + "/q/metrics");
    int calls = options.misses();
    rivals.add(opened(new Rival(name, server.process(), edge, calls, options.warmUp(), metrics)));
  }

  private void rival(String name, Keycloak keycloak, IntFunction<Buffer> forms) {
    HttpEdge edge = new HttpEdge(keycloak.tokenEndpoint(), options.callers(), forms);
    rivals.add(
        opened(
            new Rival(
                name,
                keycloak.process(),
                edge,
                options.keycloakCalls(),
                options.keycloakWarmUp(),
                null)));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  /** Ends all servers, the last one first. */
  @Override
  public void close() {
    for (AutoCloseable resource : open.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        System.err.println("not closed in order: " + e);
      }
    }
    open.clear();
  }
}
