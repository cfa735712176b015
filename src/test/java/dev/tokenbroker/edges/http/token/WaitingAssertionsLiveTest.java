package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.evaluate.revocation.TokenIntrospection;
import dev.tokenbroker.evaluate.revocation.TokenRevocation;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.NamedToken;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Strangers with assertions of a slow issuer leave room for the callers that need no fetch. */
@QuarkusTest
class WaitingAssertionsLiveTest {

  private static final int STRANGERS = 400;
  private static final int WAITING = 64;
  private static final String SECRET = "0123456789abcdef0123456789.ABC-_";

  @Inject Federations federations;
  @Inject TokenIntrospection introspection;
  @Inject TokenRevocation revocation;

  @AutoClose private final FakeIssuer slow = FakeIssuer.start();

  @Test
  void leaves_room_for_callers_that_need_no_fetch() throws IOException {
    slow.answerDiscovery(FakeIssuer.Answer.HANG);
    Files.writeString(Path.of("target/waiting-secret"), SECRET);
    TestFederation.load(
        new TestFederation().issuer("slow", slow.issuer()).text()
            + """
            clients:
              - {name: job, issuer: slow, subject: job, may: [introspect]}
              - {name: gateway, secretFile: waiting-secret, may: [introspect, revoke]}
            """,
        federations);
    String assertion = slow.credential(claims -> claims.put("sub", "job"));
    PresentedCaller stranger =
        caller("", new PresentedClient("", null, assertion, ClientAuthenticator.JWT_BEARER, false));
    byte[] pair = ("gateway:" + SECRET).getBytes(StandardCharsets.UTF_8);
    String basic = "Basic " + Base64.getEncoder().encodeToString(pair);
    PresentedCaller gateway = caller(basic, PresentedCaller.ofHeader(basic));
    AtomicInteger refused = new AtomicInteger();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      IntStream.range(0, STRANGERS)
          .forEach(
              _ ->
                  threads.execute(
                      () -> {
                        if (isOverloaded(introspect(stranger))) {
                          refused.incrementAndGet();
                        }
                      }));
      Eventually.until(refused::get, count -> count >= STRANGERS - WAITING);

      assertThat(introspect(gateway)).isInstanceOf(Outcome.Accepted.class);
      assertThat(
              revocation.revoke(
                  gateway, () -> Outcome.accepted(new NamedToken("x", "")), deadline()))
          .isInstanceOf(Outcome.Accepted.class);
      slow.close(); // which ends the calls of those who wait
    }
  }

  private Outcome<?> introspect(PresentedCaller caller) {
    return introspection.introspect(caller, () -> Outcome.accepted("x"), deadline());
  }

  private static Deadline deadline() {
    return Deadline.after(Duration.ofSeconds(8));
  }

  private static PresentedCaller caller(String authorization, PresentedClient client) {
    return new PresentedCaller(authorization, PresentedKeys.NONE, "http", "192.0.2.7", client);
  }

  private static boolean isOverloaded(Outcome<?> outcome) {
    return outcome instanceof Outcome.Refused<?>(var why)
        && why.reason() == RefusalReason.BROKER_OVERLOADED;
  }
}
