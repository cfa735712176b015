package dev.tokenbroker.deployment;

import com.nimbusds.jose.JOSEException;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Callers over one gRPC channel who each exchange one credential after the other. */
final class Callers implements AutoCloseable {

  private static final int CALLERS = 16;
  private static final int UNDER_WAY = 500;
  private static final int GONE_AFTER = 20;

  /** So long that the broker lets gRPC repeat a call when the time to come back is over. */
  private static final long CALL_SECONDS = 60;

  private static final long LIMIT_MINUTES = 3;

  /** What a caller may be told by a broker that ends, or that has too much to do. */
  private static final Set<Code> IN_ORDER =
      EnumSet.of(Code.OK, Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED);

  private static final Pattern DIGITS = Pattern.compile("\\d+");

  private final ManagedChannel channel;
  private final Credentials credentials;
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private final Map<Code, Integer> outcomes = new ConcurrentSkipListMap<>();
  private final Map<String, Integer> said = new ConcurrentSkipListMap<>();
  private final AtomicBoolean begun = new AtomicBoolean();

  Callers(int port, Credentials credentials) {
    this(ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build(), credentials);
  }

  /**
   * @param channel is closed with the callers
   */
  Callers(ManagedChannel channel, Credentials credentials) {
    this.channel = channel;
    this.credentials = credentials;
  }

  ExchangeTokenResponse exchange() throws JOSEException {
    return exchange(Credentials.TARGET, credentials.next());
  }

  /** A token with which an operator calls the broker. */
  ExchangeTokenResponse becomeOperator() throws JOSEException {
    return exchange(Credentials.OPERATORS_TARGET, credentials.operator());
  }

  private ExchangeTokenResponse exchange(String target, String credential) {
    return TokenBrokerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .exchangeToken(
            ExchangeTokenRequest.newBuilder()
                .setAudience(target)
                .setSubjectToken(credential)
                .build());
  }

  /**
   * Returns once each caller was told often enough in a row that there is no broker.
   *
   * @param underWay is run once, when the load is on
   */
  void callUntilGone(Runnable underWay) throws InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
      IntStream.range(0, CALLERS).forEach(_ -> threads.execute(() -> call(underWay)));
      threads.shutdown();
      if (!threads.awaitTermination(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        threads.shutdownNow();
      }
    }
  }

  /** The ids of the verdicts that came with tokens. */
  Set<String> answered() {
    return answered;
  }

  Map<Code, Integer> outcomes() {
    return outcomes;
  }

  /** In what words they were refused, and how often; without numbers, so that they are few. */
  Map<String, Integer> said() {
    return said;
  }

  /** What is wrong with what the callers were told; empty for nothing. */
  String trouble() {
    if (!IN_ORDER.containsAll(outcomes.keySet())) {
      return "Callers were told what they should not be: " + outcomes;
    }
    return outcomes.containsKey(Code.OK) ? "" : "Nobody got a token";
  }

  private void call(Runnable underWay) {
    int gone = 0;
    while (gone < GONE_AFTER && !Thread.currentThread().isInterrupted()) {
      Code code = callOnce();
      gone = code == Code.UNAVAILABLE ? gone + 1 : 0;
      outcomes.merge(code, 1, Integer::sum);
      if (answered.size() >= UNDER_WAY && begun.compareAndSet(false, true)) {
        underWay.run();
      }
    }
  }

  private Code callOnce() {
    try {
      answered.add(exchange().getVerdictId());
      return Code.OK;
    } catch (StatusRuntimeException refused) {
      said.merge(DIGITS.matcher(refused.getMessage()).replaceAll("#"), 1, Integer::sum);
      return refused.getStatus().getCode();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
