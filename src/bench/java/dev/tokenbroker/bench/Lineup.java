package dev.tokenbroker.bench;

import io.grpc.CallOptions;
import io.grpc.Status.Code;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The servers of a comparison, all of them started, and the kinds of call made to them. */
final class Lineup implements AutoCloseable {

  /** Servers: this broker by its options, an earlier build likewise, and others. */
  static final String BROKER = "broker";

  static final String NATIVE = "native";
  static final String EARLIER = "earlier";
  static final String EARLIER_NATIVE = "earlier native";
  static final String GO = "Go";
  static final String ECHO = "echo";
  static final String KEYCLOAK = "Keycloak";

  /** Kinds of calls. */
  static final String HIT = "hit";

  static final String MISS = "miss";
  static final String REFUSAL = "refusal";
  static final String UNCACHED = "miss, cache off";
  static final String TOKEN_EXCHANGE = "token exchange";
  static final String JWT_GRANT = "JWT grant";
  static final String CALL = "call";

  private static final Path DIRECTORY = Path.of("target/compare");
  private static final int RULES = 10;
  private static final String ECHO_JAR = "target/echo/quarkus-app/quarkus-run.jar";

  private final CompareOptions options;
  private final LoadIssuer issuer;
  private CallOptions callOptions = CallOptions.DEFAULT;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Rival> rivals = new ArrayList<>();

  private Lineup(CompareOptions options) {
    this.options = options;
    this.issuer = new LoadIssuer(options.algorithm());
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
    Path federation = issuer.writeFederation(DIRECTORY, RULES).toAbsolutePath();
    String[] credentials = issuer.sign(LoadIssuer.AUDIENCE, options.credentials());
    List<String> settings =
        List.of(
            "-Dtoken-broker.federation.path=" + federation,
            "-Dtoken-broker.token.issuer=" + LoadIssuer.AUDIENCE,
            "-Dtoken-broker.dpop.max-remembered=10000000");
    if (options.dpop()) {
      callOptions = CallOptions.DEFAULT.withCallCredentials(new Proofs(LoadIssuer.AUDIENCE));
    }

    if (options.echo()) {
      rival(ECHO, CALL, echo(), options.calls(), Requests.same(credentials[0]));
    }
    broker(BROKER, options.broker(), settings, credentials);
    broker(NATIVE, options.executable(), settings, credentials);
    broker(EARLIER, options.earlier(), settings, credentials);
    broker(EARLIER_NATIVE, options.earlierExecutable(), settings, credentials);
    // The broker in Go verifies no proofs.
    if (options.go() && !options.dpop()) {
      go(credentials);
    }
    if (options.keycloak()) {
      keycloak();
    }
  }

  /** Each kind of call has a process of its own: one that did both would be compiled anew. */
  private void broker(String name, String path, List<String> settings, String[] credentials)
      throws IOException {
    if (path.isEmpty()) {
      return;
    }
    Program program = Program.parse(path);
    Server hits = server(name + "-hits", program, settings);
    rival(name, HIT, hits, options.calls(), Requests.same(credentials[0]));
    Server misses = server(name + "-misses", program, settings);
    minting(name, MISS, misses, credentials);
    if (options.refusals()) {
      Server refusals = server(name + "-refusals", program, settings);
      GrpcEdge edge = edge(refusals, Requests.refused(credentials), Code.PERMISSION_DENIED);
      rival(name, REFUSAL, refusals, options.misses(), edge, null);
    }
    if (options.uncached()) {
      List<String> off =
          Stream.concat(settings.stream(), Stream.of("-Dtoken-broker.cache.enabled=false"))
              .toList();
      minting(name, UNCACHED, server(name + "-uncached", program, off), credentials);
    }
  }

  private void go(String[] credentials) throws IOException, InterruptedException {
    Optional<Path> executable = GoBroker.build();
    if (executable.isPresent()) {
      String path = executable.get().toString();
      rival(GO, HIT, go(path, HIT), options.calls(), Requests.same(credentials[0]));
      rival(GO, MISS, go(path, MISS), options.misses(), Requests.distinct(credentials));
    }
  }

  private Server go(String executable, String kind) throws IOException {
    String keys = DIRECTORY.resolve(LoadIssuer.KEY_SET).toString();
    return server("go-" + kind, port -> List.of(executable, "" + port, keys, kind));
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
    List<String> flags = Stream.concat(heap(program).stream(), settings.stream()).toList();
    URI ready = URI.create("http://127.0.0.1:" + ports.http() + "/q/health/ready");
    Path log = DIRECTORY.resolve(name + ".log");
    List<String> command = program.command(ports, flags);
    return new Server(opened(ServerProcess.start(command, Map.of(), log, ready, 200)), ports);
  }

  private List<String> heap(Program program) {
    if (program.jar()) {
      return ServerProcess.JVM_FLAGS;
    }
    String size = options.nativeHeap();
    return size.isEmpty() ? List.of() : List.of("-Xms" + size, "-Xmx" + size);
  }

  private Server echo() throws IOException {
    List<String> java = new ArrayList<>(List.of(ServerProcess.java()));
    java.addAll(ServerProcess.JVM_FLAGS);
    java.addAll(List.of("-jar", ECHO_JAR));
    return server("echo", port -> Stream.concat(java.stream(), Stream.of("" + port)).toList());
  }

  /** One that is ready as soon as its only port listens. */
  private Server server(String name, IntFunction<List<String>> command) throws IOException {
    int port = ServerProcess.freePort();
    ServerProcess process =
        ServerProcess.start(
            command.apply(port),
            Map.of(),
            DIRECTORY.resolve(name + ".log"),
            () -> ServerProcess.listens(port));
    return new Server(opened(process), new Program.Ports(port, port, port));
  }

  private void rival(
      String name, String kind, Server server, int calls, IntFunction<byte[]> requests) {
    rival(name, kind, server, calls, edge(server, requests, Code.OK), null);
  }

  /** One of whose meters is read how long it takes to verify and to mint. */
  private void minting(String name, String kind, Server server, String[] credentials) {
    URI metrics = URI.create("http://127.0.0.1:" + server.ports().management() + "/q/metrics");
    GrpcEdge edge = edge(server, Requests.distinct(credentials), Code.OK);
    rival(name, kind, server, options.misses(), edge, metrics);
  }

  private void rival(
      String name, String kind, Server server, int calls, GrpcEdge edge, @Nullable URI metrics) {
    Rival.WarmUp warmUp = new Rival.WarmUp(options.warmUp(), options.warmUpSeconds());
    rivals.add(opened(new Rival(name, kind, server.process(), edge, calls, warmUp, metrics)));
  }

  private GrpcEdge edge(Server server, IntFunction<byte[]> requests, Code wanted) {
    return new GrpcEdge(server.ports().grpc(), requests, callOptions, wanted);
  }

  private void rival(String kind, Keycloak keycloak, IntFunction<Buffer> forms) {
    HttpEdge edge = new HttpEdge(keycloak.tokenEndpoint(), options.callers(), forms);
    Rival.WarmUp warmUp = new Rival.WarmUp(options.keycloakWarmUp(), options.warmUpSeconds());
    int calls = options.keycloakCalls();
    rivals.add(opened(new Rival(KEYCLOAK, kind, keycloak.process(), edge, calls, warmUp, null)));
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
