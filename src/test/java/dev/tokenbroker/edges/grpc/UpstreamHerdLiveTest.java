package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.CandidateProfile;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.exchange.EvaluationThreads;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Everybody comes at once for the same token, over real connections to a real upstream. */
@QuarkusTest
@TestProfile(CandidateProfile.class)
@Timeout(120)
class UpstreamHerdLiveTest {

  private static final int CALLERS = 2_000;
  private static final Duration HASTY = Duration.ofMillis(500);

  @Inject Federations federations;
  @Inject EvaluationThreads shared;
  @Inject MovableClock clock;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final AuditLines audit = new AuditLines();
  private final AtomicInteger calls = new AtomicInteger();

  /** The upstream answers when this is done. */
  private volatile CompletableFuture<Boolean> gate = CompletableFuture.completedFuture(true);

  @AutoClose
  private final FakeUpstream upstream = FakeUpstream.start(_ -> answer(calls.incrementAndGet()));

  @AutoClose private Callers callers;
  private ExchangeTokenRequest request;

  @BeforeEach
  void start() {
    callers = new Callers(CALLERS, GrpcPort.current());
    issuer.clock(clock);
    new TestFederation()
        .issuer("good", issuer.issuer())
        .upstream("corp-sso", upstream.origin(), "good")
        .load(federations);
    request =
        BrokerClient.exchangeOf(
            "corp-sso",
            issuer.credential(
                claims -> claims.put("exp", clock.instant().plusSeconds(3_600).getEpochSecond())));
  }

  @AfterEach
  void stop() {
    gate.complete(true);
  }

  @Test
  void makes_one_upstream_call_for_2_000_callers_at_token_expiry() throws Exception {
    assertThat(token(callers.exchange(0, request))).isEqualTo("token-1");
    assertThat(token(callers.exchange(0, request))).isEqualTo("token-1");
    clock.advance(Duration.ofMinutes(4));
    gate = new CompletableFuture<>();
    long joined = shared.status().joined();
    long records = audit.count();

    List<CompletableFuture<Answer>> herd = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      herd.add(callers.exchange(caller, request));
    }
    // All but the one who began the flight share it, where the machine is fast enough.
    Eventually.see(() -> shared.status().joined(), now -> now == joined + CALLERS - 1);
    gate.complete(true);

    for (CompletableFuture<Answer> answer : herd) {
      assertThat(token(answer)).isEqualTo("token-2");
    }
    assertThat(upstream.asked()).hasSize(2);
    assertThat(audit.count()).isEqualTo(records + CALLERS);
  }

  @Test
  void lets_callers_with_short_deadlines_leave_and_serves_others() throws Exception {
    gate = new CompletableFuture<>();
    List<CompletableFuture<Answer>> patient = new ArrayList<>();
    List<CompletableFuture<Answer>> cancelling = new ArrayList<>();
    List<CompletableFuture<Answer>> told = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      switch (caller % 4) {
        case 0 -> cancelling.add(callers.exchange(caller, request, HASTY));
        case 1 -> told.add(callers.exchangeByHeader(caller, request, HASTY));
        default -> patient.add(callers.exchange(caller, request));
      }
    }

    for (CompletableFuture<Answer> answer : cancelling) {
      assertThat(answer.get().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    }
    for (CompletableFuture<Answer> answer : told) {
      // Where all leave at once, the server ends a call that is not answered in time.
      assertThat(answer.get().code()).isIn(Code.DEADLINE_EXCEEDED, Code.CANCELLED);
    }
    assertThat(told).anyMatch(answer -> "DEADLINE_EXCEEDED".equals(answer.join().reason()));
    assertThat(patient).noneMatch(CompletableFuture::isDone);
    gate.complete(true);

    for (CompletableFuture<Answer> answer : patient) {
      assertThat(token(answer)).isEqualTo("token-1");
    }
    assertThat(upstream.asked()).hasSize(1);
  }

  private Reply answer(int call) {
    CompletableFuture<Boolean> before = gate;
    Reply token =
        FakeUpstream.json(
            200,
            "{\"access_token\":\"token-%d\",\"token_type\":\"Bearer\",\"expires_in\":300}"
                .formatted(call));
    return connection -> {
      before.join();
      token.write(connection);
    };
  }

  private static String token(CompletableFuture<Answer> answer) throws Exception {
    return answer.get().granted().getAccessToken();
  }
}
