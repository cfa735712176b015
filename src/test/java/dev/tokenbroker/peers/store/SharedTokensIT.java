package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas that give each other the tokens of an upstream, by a real Valkey server. */
@Tag("store")
class SharedTokensIT {

  /** What a miss may take once the circuit is open: less than the store's timeout. */
  private static final Duration UNDELAYED = Duration.ofMillis(400);

  private static final int MISSES = 31;

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final AtomicInteger asked = new AtomicInteger();
  private final FakeUpstream upstream = FakeUpstream.start(_ -> answer());
  private ValkeyServer server;
  private BrokerProcess first;
  private BrokerProcess second;
  private BrokerClient one;
  private BrokerClient two;

  @BeforeEach
  void start() throws IOException {
    server = ValkeyServer.start(directory);
    first = setup().launch();
    second = setup().launch();
    one = first.client();
    two = second.client();
    Stream.of(one, two).forEach(this::warm);
  }

  @AfterEach
  void stop() {
    Stream.<AutoCloseable>of(one, two, first, second, server, issuer, upstream)
        .forEach(
            closed -> {
              Unchecked.run(closed::close);
            });
  }

  @Test
  void the_second_replica_gets_the_token_without_an_upstream_call() {
    String credential = credential();
    String token = shared(one, credential);
    int before = asked.get();

    assertThat(granted(two, credential)).isEqualTo(token);

    assertThat(asked).hasValue(before);
    var _ = second.awaitLine(line -> line.contains("Another replica got the token"));
    assertThat(Stream.concat(first.lines().stream(), second.lines().stream()))
        .noneMatch(line -> line.contains(token));
  }

  /** The circuit opens after a few calls; then a miss costs what it costs without a store. */
  @Test
  void a_store_that_hangs_does_not_delay_most_misses() {
    server.hang();
    int before = asked.get();

    List<Duration> latencies =
        IntStream.range(0, MISSES).mapToObj(_ -> latency(credential())).sorted().toList();

    server.goOn();
    assertThat(asked).hasValue(before + MISSES);
    assertThat(latencies.get(MISSES / 2)).isLessThan(UNDELAYED);
  }

  private Duration latency(String credential) {
    long begin = System.nanoTime();
    var _ = granted(one, credential);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /**
   * Has a replica fetch keys and connect to the store; the first token may come too early for it.
   */
  private void warm(BrokerClient client) {
    int before = names().size();
    Eventually.until(
        () -> {
          var _ = granted(client, credential());
          return names().size();
        },
        size -> size > before);
  }

  /** The token that a replica got, once the other one can find it. */
  private String shared(BrokerClient client, String credential) {
    int before = names().size();
    String token = granted(client, credential);
    Eventually.until(this::names, names -> names.size() > before);
    return token;
  }

  private List<String> names() {
    return server.admin("KEYS", "{token-broker:token}:*").stream()
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private Reply answer() {
    return FakeUpstream.json(
        200,
        "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":200}"
            .formatted(token(asked.incrementAndGet())));
  }

  private static String token(int number) {
    return "token-of-the-upstream-" + number;
  }

  private static String granted(BrokerClient client, String credential) {
    Answer answer = client.exchange(BrokerClient.exchangeOf(credential));
    return answer.granted().getAccessToken();
  }

  private String credential() {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  private BrokerProcess.Setup setup() {
    return server.shared(new BrokerProcess.Setup(federation()), 1000);
  }

  private Path federation() {
    return Unchecked.get(
        () ->
            Files.writeString(
                directory.resolve("federation.yaml"),
                """
          issuers:
            - {name: good, issuer: '%s', audiences: ['%s']}
          upstreams:
            - {name: sso, tokenEndpoint: '%s/token', clientAuthentication: none, clientId: broker}
          targets:
            - {audience: payments-api, exchange: {upstream: sso}}
          rules:
            - {name: all, issuer: good, audience: payments-api, when: 'true', scopes: [read]}
          """
                    .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, upstream.origin())));
  }
}
