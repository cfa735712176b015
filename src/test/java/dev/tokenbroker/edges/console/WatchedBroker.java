package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.operate.changes.SteadyCalls;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The broker as it is shipped, with an issuer, an upstream and a candidate. A test in a browser has
 * things happen around it by requests to its stage: a POST names the command by its path and has
 * the argument as its body.
 */
final class WatchedBroker implements AutoCloseable {

  /** More than what a rise of refusals takes. */
  private static final int REFUSALS = 15;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeUpstream upstream = FakeUpstream.start(_ -> FakeUpstream.token());
  private final FakeServer stage = FakeServer.start(this::answer);
  private final List<String> printed = new ArrayList<>();
  private final BrokerProcess.Setup setup;
  private BrokerProcess process;
  private BrokerClient client;
  private @Nullable SteadyCalls load;

  private WatchedBroker(Path directory) {
    Path document = write(directory.resolve("federation.yaml"), document("acme/payments"));
    Path candidate = write(directory.resolve("candidate.yaml"), document("acme/other"));
    // A restart keeps the tokens of operators valid.
    Path keys =
        write(
            directory.resolve("signing.pem"),
            TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
    this.setup =
        new BrokerProcess.Setup(document)
            .with("quarkus.http.port", Integer.toString(FreePort.find()))
            .with("token-broker.federation.candidate-path", candidate.toString())
            .with("token-broker.federation.candidate-share", "1")
            .with("token-broker.issuer.key-cool-down", "1s")
            .with("token-broker.admission.per-credential-rate", "0")
            .with("token-broker.token.key-files", keys.toString())
            .with("quarkus.oidc-client.idp.token-path", upstream.origin() + "/token")
            .with("quarkus.oidc-client.idp.client-id", "broker")
            .with("quarkus.oidc-client.idp.credentials.secret", "of-the-broker");
    this.process = setup.start();
    this.client = process.client();
  }

  /** Starts it, with its files in that directory. */
  static WatchedBroker start(Path directory) {
    return new WatchedBroker(directory);
  }

  /** Where a browser finds it. */
  URI url() {
    return process.uri("/");
  }

  /** Where a test has things happen. */
  String stage() {
    return stage.origin();
  }

  private synchronized Reply answer(Request request) {
    String argument = request.body();
    String text =
        switch (request.target()) {
          case "/token" -> token(argument);
          case "/credential" -> issuer.credential();
          case "/exchange" -> exchange(argument, issuer.credential());
          case "/refuse" -> exchange("payments-api", elsewhere());
          case "/remove-key" -> removeKey();
          case "/load" -> load(Integer.parseInt(argument));
          case "/calm" -> calm();
          case "/stop" -> stop();
          case "/start" -> startAgain();
          case "/printed" -> Boolean.toString(hasPrinted(argument));
          default -> throw new IllegalArgumentException(request.target());
        };
    return Reply.of(200, Map.of("Content-Type", "text/plain"), text);
  }

  /** A token for the broker itself, of that subject. */
  private String token(String subject) {
    String credential = issuer.credential(claims -> claims.put("sub", subject));
    return client.accessToken(request("token-broker", credential));
  }

  /** Exchanges a credential; the reason of a refusal, or nothing. */
  private String exchange(String audience, String credential) {
    return client.exchange(request(audience, credential)).reason();
  }

  private String elsewhere() {
    return issuer.credential(claims -> claims.put("aud", "https://elsewhere.example"));
  }

  /** The issuer rotates its key, and workloads go on presenting credentials of the removed one. */
  private String removeKey() {
    List<String> before = Stream.generate(() -> issuer.credential()).limit(REFUSALS).toList();
    issuer.rotate();
    String fetched =
        Eventually.see(() -> exchange("payments-api", issuer.credential()), String::isEmpty);
    before.forEach(credential -> exchange("payments-api", credential));
    return fetched;
  }

  /** So many exchanges a second, nearly all of them from the cache. */
  private String load(int perSecond) {
    int workloads =
        Math.toIntExact(
            perSecond * SteadyCalls.PERIOD.toMillis() / Duration.ofSeconds(1).toMillis());
    List<Supplier<ExchangeTokenRequest>> calls =
        IntStream.range(0, workloads)
            .mapToObj(_ -> request("payments-api", issuer.credential()))
            .<Supplier<ExchangeTokenRequest>>map(call -> () -> call)
            .toList();
    load = new SteadyCalls(client, calls);
    return "";
  }

  private String calm() {
    if (load != null) {
      load.close();
    }
    return "";
  }

  private String stop() {
    client.close();
    process.signal("TERM");
    process.awaitExit();
    printed.addAll(process.lines());
    return "";
  }

  private String startAgain() {
    process = setup.start();
    client = process.client();
    return "";
  }

  private boolean hasPrinted(String text) {
    return Stream.concat(printed.stream(), process.lines().stream())
        .anyMatch(line -> line.contains(text));
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return BrokerClient.exchangeOf(audience, credential);
  }

  /**
   * The federation.
   *
   * @param repository the one whose workloads may have tokens for payments-api
   */
  private String document(String repository) {
    return """
    issuers:
      - {name: good, issuer: '%1$s', audiences: ['%2$s']}
    upstreams:
      - {name: sso, tokenEndpoint: '%3$s/token', clientAuthentication: none, clientId: broker, actor: {client: idp}}
    targets:
      - {audience: payments-api, mint: {lifetime: 10m}}
      - {audience: orders, exchange: {upstream: sso}}
    rules:
      - {name: operators, issuer: good, audience: token-broker, when: claims.sub == "operator", scopes: [operate]}
      - {name: services, issuer: good, audience: token-broker, when: claims.sub == "service", scopes: [introspect]}
      - {name: revokers, issuer: good, audience: token-broker, when: claims.sub == "revoker", scopes: [revoke]}
      - {name: pays, issuer: good, audience: payments-api, when: claims.repository == "%4$s", scopes: [read]}
      - {name: orders, issuer: good, audience: orders, when: 'true', scopes: [read]}
    """
        .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, upstream.origin(), repository);
  }

  private static Path write(Path file, String text) {
    return Unchecked.get(() -> Files.writeString(file, text));
  }

  @Override
  public void close() {
    calm();
    client.close();
    process.close();
    stage.close();
    upstream.close();
    issuer.close();
  }
}
