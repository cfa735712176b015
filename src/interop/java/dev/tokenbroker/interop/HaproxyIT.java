package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.tokenbroker.edges.grpc.AskAndCancel;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * HAProxy in front of the broker, with the file and the settings that container.md prints. Calls of
 * all callers share its connections to the broker.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HaproxyIT implements ProxyContract {

  private static final int EXCHANGES = 10_000;
  private static final int CANCELLED = 2_000;
  private static final int AT_ONCE = 100;
  private static final int CALLERS = 20;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private Path certificate;

  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private ServerProcess proxy;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    DebianProgram.HAPROXY.requirePresent();
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    broker =
        InteropBroker.startBehindProxy(
            directory,
            InteropFederation.of(Map.of("good", issuer, "down", down)),
            Map.of(
                "token-broker.issuer.key-cool-down", "1s",
                "token-broker.grpc.reflection", "true"));
    certificate =
        Files.writeString(
            directory.resolve("tls.pem"),
            Files.readString(directory.resolve("tls.crt"))
                + Files.readString(directory.resolve("tls.key")));
    proxy = proxy(directory, broker.port(), Map.of());
  }

  @AfterAll
  void stop() {
    proxy.close();
    broker.close();
    issuer.close();
    down.close();
  }

  /**
   * At this proxy health and reflection are reachable, and there is a log, unlike with the file
   * that container.md prints. No client repeats a call.
   */
  @Test
  void loses_no_exchange_beside_calls_that_others_cancel(@TempDir Path directory) throws Exception {
    try (HeldPort port = new HeldPort();
        ServerProcess _ =
            proxy(
                directory,
                port.number(),
                Map.of(
                    "/tokenbroker.v1.TokenBroker/ }",
                    "/tokenbroker.v1.TokenBroker/ /grpc. }",
                    "  mode http\n",
                    "  mode http\n  log stdout format raw local0\n  option httplog\n"))) {
      ProxiedCaller caller = new ProxiedCaller(broker);
      List<ManagedChannel> callers =
          Stream.generate(() -> caller.onceOnlyChannel(port.number())).limit(CALLERS).toList();
      ManagedChannel cancelling = caller.onceOnlyChannel(port.number());
      try {
        assertThat(acceptedBesideCancelled(callers, cancelling)).isEqualTo(EXCHANGES);
        assertThat(connectionsTo(broker.ownGrpcPort())).isBetween(1L, CALLERS / 2L);
        assertThat(abortedAtTheBroker(directory)).isGreaterThan(CANCELLED / 20);
      } finally {
        callers.forEach(ManagedChannel::shutdownNow);
        cancelling.shutdownNow();
      }
    }
  }

  private int acceptedBesideCancelled(List<ManagedChannel> callers, ManagedChannel cancelling)
      throws Exception {
    ExchangeTokenRequest request =
        ExchangeTokenRequest.newBuilder()
            .setAudience(InteropFederation.TARGET)
            .setSubjectToken(issuer.credential())
            .build();
    Deque<ListenableFuture<ExchangeTokenResponse>> underWay = new ArrayDeque<>();
    int accepted = 0;
    for (int call = 0; call < EXCHANGES; call++) {
      ManagedChannel channel = callers.get(call % callers.size());
      underWay.add(TokenBrokerGrpc.newFutureStub(channel).exchangeToken(request));
      if (call % (EXCHANGES / CANCELLED) == 0) {
        cancelOne(cancelling, call);
      }
      if (underWay.size() == AT_ONCE) {
        accepted += isToken(underWay.remove());
      }
    }
    while (!underWay.isEmpty()) {
      accepted += isToken(underWay.remove());
    }
    return accepted;
  }

  private static void cancelOne(ManagedChannel channel, int call) {
    if (call % 2 == 0) {
      AskAndCancel.health(channel);
    } else {
      AskAndCancel.reflection(channel);
    }
  }

  private static int isToken(ListenableFuture<ExchangeTokenResponse> call) throws Exception {
    return call.get(30, TimeUnit.SECONDS).getAccessToken().isEmpty() ? 0 : 1;
  }

  /** The calls that HAProxy had sent to the broker when their caller reset them: by its log. */
  private static long abortedAtTheBroker(Path directory) throws IOException {
    return Files.readAllLines(directory.resolve("haproxy.log")).stream()
        .filter(line -> line.contains("/grpc."))
        .filter(line -> line.contains(" CH-- ") || line.contains(" CD-- "))
        .count();
  }

  /** The established connections of this machine to that port. */
  private static long connectionsTo(int port) throws IOException {
    String remote = ":%04X 01 ".formatted(port);
    return Files.readAllLines(Path.of("/proc/net/tcp")).stream()
        .filter(line -> line.contains(remote))
        .count();
  }

  @Override
  public InteropBroker broker() {
    return broker;
  }

  @Override
  public FakeIssuer issuer() {
    return issuer;
  }

  @Override
  public FakeIssuer down() {
    return down;
  }

  /** With ports and the certificate of this machine. */
  private ServerProcess proxy(Path directory, int port, Map<String, String> more)
      throws IOException {
    Map<String, String> changes = new HashMap<>(more);
    changes.put("bind :443", "bind 127.0.0.1:" + port);
    changes.put("127.0.0.1:9000", "127.0.0.1:" + broker.ownGrpcPort());
    changes.put("127.0.0.1:8080", "127.0.0.1:" + broker.ownHttpPort());
    changes.put("/etc/haproxy/tls.pem", certificate.toString());
    String printed =
        Documented.block("operate/container.md", "haproxy", "/etc/haproxy/haproxy.cfg");
    Path file =
        Files.writeString(directory.resolve("haproxy.cfg"), Documented.changed(printed, changes));
    return ServerProcess.start(
        DebianProgram.HAPROXY,
        port,
        directory.resolve("haproxy.log"),
        "-db",
        "-f",
        file.toString());
  }
}
