package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.Durations;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Changed bytes of a request over a real channel: no message is answered by INTERNAL or not at all,
 * and none by a token unless it still asks for what is granted with the credential unchanged.
 */
@Tag("drawn")
@QuarkusTest
class RequestFuzzLiveTest {

  private static final int MUTATIONS = Integer.getInteger("fuzz.requests", 200);
  private static final long SEED = Long.getLong("fuzz.seed", 20261124L);
  private static final int IN_FLIGHT = 64;
  private static final Set<Status.Code> BUGS =
      Set.of(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.DEADLINE_EXCEEDED);
  private static final Set<String> TYPES =
      Set.of(
          "",
          "urn:ietf:params:oauth:token-type:jwt",
          "urn:ietf:params:oauth:token-type:id_token",
          "urn:ietf:params:oauth:token-type:access_token");

  @Inject Federations federations;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<String, Integer> endings = new ConcurrentSkipListMap<>();
  private final ConcurrentLinkedQueue<String> broken = new ConcurrentLinkedQueue<>();

  @Test
  void never_fails_on_changed_bytes_or_grants_more_than_requested() throws Exception {
    System.out.printf("RequestFuzzLiveTest: %d mutations, seed %d%n", MUTATIONS, SEED);
    long beganNanos = System.nanoTime();
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      new TestFederation().issuer("good", issuer.issuer()).load(federations);
      ExchangeTokenRequest good = good(issuer);
      assertThat(client.exchange(good).code()).isEqualTo(Status.Code.OK);

      Semaphore inFlight = new Semaphore(IN_FLIGHT);
      for (int at = 0; at < MUTATIONS; at++) {
        byte[] mutant = mutate(good.toByteArray());
        inFlight.acquire();
        ClientCalls.asyncUnaryCall(
            client
                .channel()
                .newCall(
                    RawMessages.EXCHANGE,
                    CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS)),
            mutant,
            new Judge("mutation " + at + " of seed " + SEED, good, mutant, inFlight));
      }
      assertThat(inFlight.tryAcquire(IN_FLIGHT, 40, TimeUnit.SECONDS)).isTrue();
    }
    System.out.printf(
        "RequestFuzzLiveTest: %s, %d ms%n",
        endings, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos));
    assertThat(broken).isEmpty();
    assertThat(endings).containsKeys("OK", "INVALID_ARGUMENT", "UNAUTHENTICATED");
  }

  /** Compares the answer with what the bytes ask for. */
  private final class Judge implements StreamObserver<byte[]> {

    private final String which;
    private final ExchangeTokenRequest good;
    private final byte[] mutant;
    private final Semaphore inFlight;

    Judge(String which, ExchangeTokenRequest good, byte[] mutant, Semaphore inFlight) {
      this.which = which;
      this.good = good;
      this.mutant = mutant;
      this.inFlight = inFlight;
    }

    @Override
    public void onNext(byte[] token) {
      if (parse(mutant).filter(asked -> isGranted(asked, good)).isEmpty()) {
        broken.add(which + " was granted a token");
      }
    }

    @Override
    public void onError(Throwable thrown) {
      Status.Code code = ((StatusRuntimeException) thrown).getStatus().getCode();
      Optional<ExchangeTokenRequest> asked = parse(mutant);
      if (BUGS.contains(code) || asked.filter(request -> isGranted(request, good)).isPresent()) {
        broken.add(which + " ended in " + thrown);
      }
      end(code, asked.isPresent());
    }

    @Override
    public void onCompleted() {
      end(Status.Code.OK, true);
    }

    private void end(Status.Code code, boolean message) {
      endings.merge(message ? code.name() : code.name() + " to no message", 1, Integer::sum);
      inFlight.release();
    }
  }

  private static boolean isGranted(ExchangeTokenRequest asked, ExchangeTokenRequest good) {
    return asked.getAudience().equals(good.getAudience())
        && asked.getSubjectToken().equals(good.getSubjectToken())
        && TYPES.contains(asked.getSubjectTokenType())
        && asked.getScopesCount() <= 64
        && Set.of("deploy", "read").containsAll(asked.getScopesList())
        && (!asked.hasLifetime()
            || (Durations.isValid(asked.getLifetime()) && asked.getLifetime().getSeconds() >= 1))
        && asked.getActorToken().isEmpty()
        && asked.getActorTokenType().isEmpty()
        && asked.getClientAssertion().isEmpty()
        && asked.getClientAssertionType().isEmpty();
  }

  private static ExchangeTokenRequest good(FakeIssuer issuer) {
    return BrokerClient.exchangeOf("payments-api", issuer.credential()).toBuilder()
        .setSubjectTokenType("urn:ietf:params:oauth:token-type:jwt")
        .addScopes("read")
        .addScopes("deploy")
        .setLifetime(Durations.fromSeconds(60))
        .build();
  }

  private byte[] mutate(byte[] good) {
    byte[] mutant = good.clone();
    int at = random.nextInt(mutant.length);
    switch (random.nextInt(8)) {
      case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> mutant[at] = (byte) random.nextInt(256);
      case 2 -> mutant = Arrays.copyOf(mutant, at);
      case 3 -> mutant = joined(mutant, Arrays.copyOfRange(mutant, at, mutant.length));
      case 4 -> mutant = joined(mutant, field(1 + random.nextInt(9), random.nextInt(300)));
      case 5 -> mutant = joined(field(1 + random.nextInt(9), random.nextInt(300)), mutant);
      case 6 -> mutant[random.nextInt(Math.min(16, mutant.length))] = (byte) random.nextInt(256);
      default ->
          mutant =
              joined(
                  Arrays.copyOf(mutant, at),
                  joined(
                      new byte[] {(byte) random.nextInt(256)},
                      Arrays.copyOfRange(mutant, at, mutant.length)));
    }
    return mutant;
  }

  /** A field of that number: text for most, so that it overrides or adds to what stands there. */
  private byte[] field(int number, int length) {
    var field = UnknownFieldSet.Field.newBuilder();
    if (random.nextInt(4) == 0) {
      field.addVarint(random.nextLong());
    } else {
      byte[] text = new byte[length];
      Arrays.fill(text, (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 'r'));
      field.addLengthDelimited(ByteString.copyFrom(text));
    }
    return UnknownFieldSet.newBuilder().addField(number, field.build()).build().toByteArray();
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static Optional<ExchangeTokenRequest> parse(byte[] bytes) {
    try {
      return Optional.of(ExchangeTokenRequest.parseFrom(bytes));
    } catch (InvalidProtocolBufferException noMessage) {
      return Optional.empty();
    }
  }
}
