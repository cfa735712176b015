package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.Patience;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three replicas with one store and one file of signing keys, under load from real gRPC clients
 * with round robin, while replicas restart and all keys and the federation change.
 */
@Tag("store")
@Timeout(600)
class ReplicasUnderLoadIT {

  private static final int REPLICAS = 3;
  private static final int CALLERS = 6;
  private static final Duration KEY_COOL_DOWN = Duration.ofSeconds(1);

  /** Each how many-th exchange is searched for in the store. */
  private static final int SAMPLE = 50;

  private static final Duration NOTICE = Duration.ofSeconds(2);

  /** How many kinds of changes there are. Each happens, however slow the machine is. */
  private static final int CHANGES = 7;

  private static final Duration LOAD =
      Duration.ofSeconds(Integer.getInteger("replicas.seconds", 60));

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer once = FakeIssuer.start();
  private final List<Integer> ports =
      IntStream.range(0, REPLICAS).mapToObj(_ -> FreePort.find()).toList();
  private final List<BrokerProcess> replicas = new CopyOnWriteArrayList<>();
  private final AtomicBoolean going = new AtomicBoolean(true);
  private final AtomicLong granted = new AtomicLong();
  private final AtomicLong races = new AtomicLong();
  private final AtomicLong cutOff = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final ReplicaVerifiers verifiers = new ReplicaVerifiers(() -> List.copyOf(replicas));
  private final ReplicaRevoker revoker = new ReplicaRevoker(() -> List.copyOf(replicas));

  /** Some of the credentials and tokens, for which a thief of the store searches. */
  private final Queue<String> secrets = new ConcurrentLinkedQueue<>();

  private ValkeyServer server;
  private volatile String change = "at first";
  private volatile boolean killing;
  private volatile long killedNanos = System.nanoTime();
  private String signingKeys = pem();

  @BeforeEach
  void start() throws IOException {
    server = ValkeyServer.start(directory);
    replace("signing.pem", signingKeys);
    replace("federation.yaml", federation("read"));
    for (int replica = 0; replica < REPLICAS; replica++) {
      replicas.add(launch(replica));
    }
    for (int replica = 0; replica < REPLICAS; replica++) {
      awaitExchange(replica);
    }
  }

  @AfterEach
  void stop() {
    replicas.forEach(BrokerProcess::close);
    server.close();
    issuer.close();
    once.close();
  }

  @Test
  void no_call_fails_and_all_tokens_are_known_while_replicas_change() throws Exception {
    long end = System.nanoTime() + LOAD.toNanos();
    int changes = 0;
    try (ReplicaChannels channels = new ReplicaChannels(ports);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      ManagedChannel channel = channels.open();
      for (int caller = 0; caller < CALLERS; caller++) {
        work.add(threads.submit(() -> call(channel)));
      }
      work.add(threads.submit(this::race));
      work.add(threads.submit(this::poll));
      work.add(threads.submit(() -> revoke(channel)));
      try {
        while (changes < CHANGES || System.nanoTime() - end < 0) {
          change(changes++);
        }
      } finally {
        going.set(false);
      }
      for (Future<?> one : work) {
        one.get();
      }
      channel.shutdownNow();
    }
    System.out.printf(
        "%d changes, %d tokens, %d calls cut off by a kill, %d races of once-only credentials,"
            + " %d tokens revoked; %s%n",
        changes, granted.get(), cutOff.get(), races.get(), revoker.revoked(), verifiers);

    assertThat(failures).isEmpty();
    assertThat(verifiers.failures()).isEmpty();
    assertThat(revoker.failures()).isEmpty();
    assertThat(revoker.revoked()).isPositive();
    assertThat(granted.get()).isPositive();
    assertThat(cutOff.get()).isLessThanOrEqualTo((long) CALLERS * Math.ceilDiv(changes, CHANGES));
    assertThat(races.get()).isPositive();
    assertThat(verifiers.keys()).isGreaterThan(1);
    assertThatADumpTellsNothing();
  }

  private void assertThatADumpTellsNothing() {
    String dump = StoreDump.of(server);
    assertThat(dump).contains(":once}", ":revoked}", ":signing}", ":replicas}");
    assertThat(secrets).hasSizeGreaterThan(20);
    assertThat(secrets.stream().filter(dump::contains)).isEmpty();
  }

  /** One change after another: keys, the federation, and replicas that stop or die. */
  private void change(int turn) throws IOException {
    int round = turn / CHANGES;
    switch (turn % CHANGES) {
      case 0 -> {
        signingKeys = pem() + signingKeys;
        replace("signing.pem", signingKeys);
      }
      case 1 -> restart(0, "TERM");
      case 2 ->
          // Within the cool-down after a fetch, callers with a new key are told to come back.
          Patience.after(
              KEY_COOL_DOWN.plusMillis(100), () -> issuer.addKey(SigningAlgorithm.ES256));
      case 3 -> restart(1, "TERM");
      case 4 -> replace("federation.yaml", federation(round % 2 == 0 ? "read, write" : "read"));
      case 5 -> restart(2, "TERM");
      default -> restart(round % REPLICAS, "KILL");
    }
  }

  private void restart(int at, String signal) {
    boolean kills = signal.equals("KILL");
    change = signal + " of replica " + at;
    killing = kills;
    replicas.get(at).signal(signal);
    replicas.get(at).awaitExit();
    killedNanos = kills ? System.nanoTime() : killedNanos;
    killing = false;
    replicas.set(at, launch(at));
    awaitExchange(at);
  }

  private void call(ManagedChannel channel) {
    BrokerClient client = BrokerClient.over(channel);
    while (going.get()) {
      ExchangeTokenRequest request = request(issuer);
      long begun = System.nanoTime();
      BrokerClient.Answer answer = client.exchange(request);
      if (isCutOff(answer) && wasKilledSince(begun)) {
        cutOff.incrementAndGet();
        for (int again = 0; again < REPLICAS && isCutOff(answer); again++) {
          answer = client.exchange(request);
        }
      }
      if (answer.code() == Code.OK) {
        String token = answer.granted().getAccessToken();
        if (granted.incrementAndGet() % SAMPLE == 0) {
          keep(request.getSubjectToken());
          keep(token);
        }
        verifiers.verify(token);
      } else {
        failures.add(change + ": " + answer);
      }
    }
  }

  /** Keeps what is secret of a JWT: the whole, its signature, and who it is for. */
  private void keep(String jwt) {
    try {
      SignedJWT read = SignedJWT.parse(jwt);
      secrets.add(jwt);
      secrets.add(read.getSignature().toString());
      secrets.add(read.getJWTClaimsSet().getJWTID());
      secrets.add(read.getJWTClaimsSet().getSubject());
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  private void revoke(ManagedChannel channel) {
    BrokerClient client = BrokerClient.over(channel);
    while (going.get()) {
      BrokerClient.Answer service =
          client.exchange(request(issuer).toBuilder().setAudience("token-broker").build());
      BrokerClient.Answer token = client.exchange(request(issuer));
      if (service.code() == Code.OK && token.code() == Code.OK) {
        revoker.revoke(service.granted().getAccessToken(), token.granted().getAccessToken());
      }
    }
  }

  /** In flight at a replica that died, and not repeated by gRPC, which has two names for it. */
  private static boolean isCutOff(BrokerClient.Answer answer) {
    return answer.code() == Code.UNAVAILABLE
        || (answer.code() == Code.UNKNOWN && answer.description().equals("channel closed"));
  }

  /** Or just before: a client notices late that a connection is gone, on a busy machine. */
  private boolean wasKilledSince(long nanos) {
    return killing || killedNanos + NOTICE.toNanos() - nanos > 0;
  }

  /** Exchanges each credential at all replicas at once. One of them may grant it, at most. */
  private void race() {
    List<BrokerClient> clients = ports.stream().map(BrokerClient::plaintext).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      while (going.get()) {
        ExchangeTokenRequest request = request(once);
        List<Future<BrokerClient.Answer>> answers =
            clients.stream().map(client -> threads.submit(() -> client.exchange(request))).toList();
        long grants = answers.stream().filter(ReplicasUnderLoadIT::isGranted).count();
        if (grants > 1) {
          failures.add("a credential was exchanged " + grants + " times");
        }
        races.incrementAndGet();
      }
    } finally {
      clients.forEach(BrokerClient::close);
    }
  }

  private void poll() {
    while (going.get()) {
      Patience.after(Duration.ofMillis(100), () -> true);
      verifiers.poll();
    }
  }

  private static boolean isGranted(Future<BrokerClient.Answer> answer) {
    return Unchecked.get(() -> answer.get().code() == Code.OK);
  }

  private ExchangeTokenRequest request(FakeIssuer from) {
    return BrokerClient.exchangeOf(
        from.credential(claims -> claims.put("jti", UUID.randomUUID().toString())));
  }

  /** Waits until that replica grants a token. */
  private void awaitExchange(int at) {
    try (BrokerClient client = replicas.get(at).client()) {
      Eventually.until(() -> client.exchange(request(issuer)), it -> it.code() == Code.OK);
    }
  }

  private BrokerProcess launch(int at) {
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(directory.resolve("federation.yaml"))
            .with("token-broker.grpc.port", ports.get(at).toString())
            .with("token-broker.shutdown.delay", "1s")
            .with("token-broker.admission.per-credential-rate", "0")
            .with("token-broker.federation.poll-interval", "300ms")
            .with("token-broker.issuer.key-cool-down", KEY_COOL_DOWN.toSeconds() + "s")
            .with("token-broker.token.key-files", directory.resolve("signing.pem").toString())
            .with("token-broker.token.key-file-poll-interval", "300ms")
            .with("token-broker.token.jwks-max-age", "2s")
            .with("token-broker.token.publish-before", "6s");
    return server.shared(setup, 2000).launch();
  }

  private static String pem() {
    return TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate());
  }

  private void replace(String name, String content) throws IOException {
    Path fresh = Files.writeString(directory.resolve(name + ".new"), content);
    Files.move(
        fresh,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private String federation(String scopes) {
    return """
        issuers:
          - {name: good, issuer: '%1$s', audiences: ['%3$s']}
          - {name: once, issuer: '%2$s', audiences: ['%3$s'], once: true}
        targets:
          - {audience: payments-api, mint: {lifetime: 5m}}
        rules:
          - {name: all, issuer: good, audience: payments-api, when: 'true', scopes: [%4$s]}
          - {name: races, issuer: once, audience: payments-api, when: 'true', scopes: [read]}
          - {name: services, issuer: good, audience: token-broker, when: 'true', scopes: [introspect, revoke]}
        """
        .formatted(issuer.issuer(), once.issuer(), FakeIssuer.AUDIENCE, scopes);
  }
}
