package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong at an issuer, and comes right again, asks for no restart of the broker. */
@QuarkusTest
class RestartFreeLiveTest {

  @Inject Federations federations;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
  }

  /** An issuer for each way to be down, so that all pushbacks are waited out at the same time. */
  @Test
  void exchanges_after_the_pushback_once_a_down_issuer_is_up() {
    Map<FakeIssuer.Answer, String> reasons =
        Map.of(
            FakeIssuer.Answer.DROP, "KEYS_UNREACHABLE",
            FakeIssuer.Answer.SERVER_ERROR, "KEYS_UNREACHABLE",
            FakeIssuer.Answer.HTML, "KEYS_INVALID",
            FakeIssuer.Answer.TRUNCATED, "KEYS_INVALID");
    Map<FakeIssuer.Answer, FakeIssuer> issuers = new EnumMap<>(FakeIssuer.Answer.class);
    try {
      TestFederation federation = new TestFederation();
      for (FakeIssuer.Answer down : reasons.keySet()) {
        FakeIssuer started = FakeIssuer.start();
        started.answer(down);
        issuers.put(down, started);
        federation.issuer("issuer-" + issuers.size(), started.issuer());
      }
      federation.load(federations);
      List<Duration> pushbacks = new ArrayList<>();
      issuers.forEach(
          (down, started) -> {
            Answer refused = exchange(started.credential());
            assertThat(refused.code()).as("%s", down).isEqualTo(Code.UNAVAILABLE);
            assertThat(refused.reason()).as("%s", down).isEqualTo(reasons.get(down));
            pushbacks.add(pushback(refused));
            started.answer(FakeIssuer.Answer.GOOD);
          });

      Patience.after(Collections.max(pushbacks), () -> exchange(issuer.credential()));

      issuers.forEach(
          (down, started) ->
              assertThat(exchange(started.credential()).code()).as("%s", down).isEqualTo(Code.OK));
    } finally {
      issuers.values().forEach(FakeIssuer::close);
    }
  }

  @Test
  void exchanges_after_one_pushback_once_an_issuer_changes_its_key() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    exchange().granted();

    issuer.rotate();
    Answer first = exchange();

    if (first.token() == null) {
      assertThat(first.reason()).isEqualTo("KEY_REFETCH_COOLING_DOWN");
      afterPushback(first).granted();
    }
  }

  @Test
  void refuses_a_credential_under_the_old_key_once_the_new_is_known() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    String old = issuer.credential();
    assertThat(exchange(old).code()).isEqualTo(Code.OK);

    issuer.rotate();
    Answer first = exchange();
    if (first.token() == null) {
      afterPushback(first).granted();
    }

    assertThat(exchange(old).reason()).isIn("KEY_REFETCH_COOLING_DOWN", "KEY_UNKNOWN");
  }

  private Answer afterPushback(Answer refused) {
    return Patience.after(pushback(refused), this::exchange);
  }

  private static Duration pushback(Answer refused) {
    return Duration.ofMillis(Long.parseLong(refused.pushback()));
  }

  private Answer exchange() {
    return exchange(issuer.credential());
  }

  private Answer exchange(String credential) {
    return client.exchange(BrokerClient.exchangeOf(credential));
  }
}
