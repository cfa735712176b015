package dev.tokenbroker.peers.store;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Two packed brokers, {@code one} and {@code two}, that share a real Valkey and have different
 * federation documents.
 */
public final class DifferingReplicas implements AutoCloseable {

  private final Path directory;
  private final FakeIssuer issuer = FakeIssuer.start();
  private final ValkeyServer server;
  private final BrokerProcess one;
  private final BrokerProcess two;

  private DifferingReplicas(Path directory) {
    this.directory = directory;
    this.server = ValkeyServer.start(directory);
    write("signing.pem", TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
    write("one.yaml", document("a"));
    write("two.yaml", document("b"));
    this.one = setup("one").start();
    this.two = setup("two").start();
  }

  /** Starts them, with their files in that directory. */
  public static DifferingReplicas start(Path directory) {
    return new DifferingReplicas(directory);
  }

  /** The HTTP address of the first replica. */
  public URI url() {
    return one.uri("/");
  }

  public BrokerProcess one() {
    return one;
  }

  /** A token of an operator, which both accept. */
  public String operatorToken() {
    try (BrokerClient client = one.client()) {
      return client.brokerToken(issuer.credential(), "operate");
    }
  }

  /** Gives the second replica the document of the first one. */
  public void agree() {
    write("two.yaml", document("a"));
  }

  /** Adds an entry to the log of the replicas that no key authenticates. */
  void forge() {
    String log = server.admin("KEYS", "{token-broker:replicas}:*").getFirst();
    server.admin("ZADD", log, "9000000000000000", "a".repeat(87));
  }

  private BrokerProcess.Setup setup(String name) {
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(directory.resolve(name + ".yaml"))
            .with("quarkus.http.port", Integer.toString(FreePort.find()))
            .with("token-broker.token.key-files", directory.resolve("signing.pem").toString())
            .with("token-broker.store.replica-name", name);
    return server.shared(setup, 1000);
  }

  private String document(String rule) {
    return """
    issuers:
      - {name: good, issuer: '%s', audiences: ['%s']}
    targets:
      - {audience: payments-api, mint: {lifetime: 5m}}
    rules:
      - {name: operators, issuer: good, audience: token-broker, when: 'true', scopes: [operate]}
      - {name: %s, issuer: good, audience: payments-api, when: 'true', scopes: [read]}
    """
        .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, rule);
  }

  private void write(String name, String text) {
    try {
      Path whole = Files.writeString(directory.resolve(name + ".new"), text);
      Files.move(
          whole,
          directory.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void close() {
    List.of(one, two).forEach(BrokerProcess::close);
    server.close();
    issuer.close();
  }
}
