package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.peers.http.FetchFlight;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

@QuarkusTest
class KeyStorm {

  private static final int STORM = 2_000;
  private static final int STUCK = 200;
  private static final long SEED = 20261124;

  @Inject Admission admission;
  @Inject Federations federations;
  @Inject IssuerSettings settings;

  @Test
  void limits_fetches_for_unknown_kids_while_valid_ones_pass() throws Exception {
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current());
        ExecutorService callers = Executors.newFixedThreadPool(16)) {
      new TestFederation().issuer("good", issuer.issuer()).load(federations);
      assertThat(client.exchange(valid(issuer)).code()).isEqualTo(Code.OK);
      int before = issuer.requests();
      long beganNanos = System.nanoTime();

      List<Future<Answer>> storm = new ArrayList<>();
      List<Future<Answer>> valid = new ArrayList<>();
      List<String> unknown = unknownKids(issuer);
      for (int at = 0; at < STORM; at++) {
        ExchangeTokenRequest request = request(unknown.get(at));
        storm.add(callers.submit(() -> client.exchange(request)));
        if (at % 100 == 0) {
          ExchangeTokenRequest good = valid(issuer);
          valid.add(callers.submit(() -> client.exchange(good)));
        }
      }

      for (Future<Answer> answer : valid) {
        answer.get().granted();
      }
      for (Future<Answer> answer : storm) {
        assertThat(answer.get().reason()).isIn("KEY_REFETCH_COOLING_DOWN", "KEY_UNKNOWN");
      }
      Duration window = Duration.ofNanos(System.nanoTime() - beganNanos);
      long slots = 1 + window.dividedBy(settings.keyCoolDown());
      assertThat((long) issuer.requests() - before).isLessThanOrEqualTo(slots);
    }
  }

  @Test
  void one_hung_issuer_does_not_affect_exchanges_for_another() throws Exception {
    try (FakeIssuer good = FakeIssuer.start();
        FakeIssuer hanging = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current());
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<String> credentials = unknownKids(hanging).subList(0, STUCK);
      hanging.answer(FakeIssuer.Answer.HANG);
      new TestFederation()
          .issuer("good", good.issuer())
          .issuer("hanging", hanging.issuer())
          .load(federations);
      client.exchange(valid(good)).granted();
      List<Future<Answer>> stuck = new ArrayList<>();
      for (String credential : credentials) {
        stuck.add(callers.submit(() -> client.exchange(request(credential))));
      }
      assertThat(Eventually.see(() -> admission.status().inFlight(), waiting -> waiting == STUCK))
          .isEqualTo(STUCK);

      for (int at = 0; at < 200; at++) {
        client.exchange(valid(good)).granted();
      }

      assertThat(stuck).noneMatch(answer -> answer.isDone() && answer.resultNow().token() != null);
      assertThat(Eventually.see(hanging::requests, asked -> asked > 0)).isOne();
      // They hang up; what the broker tells those who wait is shown elsewhere.
      callers.shutdownNow();
    }
  }

  /** Credentials that anybody can make: nothing of them is looked at before the keys are there. */
  @Test
  void callers_that_wait_for_a_hung_issuer_leave_room_for_others() {
    int offered = 4 * FetchFlight.MAX_WAITING;
    try (FakeIssuer good = FakeIssuer.start();
        FakeIssuer hanging = FakeIssuer.start();
        Callers callers = new Callers(offered, GrpcPort.current())) {
      hanging.answer(FakeIssuer.Answer.HANG);
      new TestFederation()
          .issuer("good", good.issuer())
          .issuer("hanging", hanging.issuer())
          .load(federations);
      List<String> unknown = unknownKids(hanging);
      List<CompletableFuture<Answer>> all = new ArrayList<>();
      while (all.size() < offered && sentAway(all).isEmpty()) {
        for (int at = 0; at < 16; at++) {
          all.add(callers.exchange(all.size(), request(unknown.get(all.size()))));
        }
        // Not faster than others are answered, which is another kind of overload.
        callers.exchange(0, valid(good)).join();
      }

      assertThat(Eventually.see(() -> sentAway(all), some -> !some.isEmpty()))
          .isNotEmpty()
          .allSatisfy(answer -> assertThat(Long.parseLong(answer.pushback())).isPositive());
      // Nearly as many still wait: none was sent away because the fetch has ended.
      assertThat(
              Eventually.see(
                  () -> all.stream().filter(answer -> !answer.isDone()).count(),
                  waiting -> waiting <= FetchFlight.MAX_WAITING))
          .isBetween(FetchFlight.MAX_WAITING * 3L / 4, (long) FetchFlight.MAX_WAITING);
      assertThat(
              Eventually.see(() -> callers.exchange(0, valid(good)).join().code(), Code.OK::equals))
          .isEqualTo(Code.OK);
    }
  }

  private static List<Answer> sentAway(List<CompletableFuture<Answer>> answers) {
    return answers.stream()
        .filter(CompletableFuture::isDone)
        .map(CompletableFuture::join)
        .filter(answer -> answer.reason().equals("KEYS_UNREACHABLE"))
        .toList();
  }

  /** An issuer for each answer, so that all cool down at the same time. */
  @Test
  void good_keys_survive_every_bad_answer() {
    Map<FakeIssuer.Answer, FakeIssuer> issuers = new EnumMap<>(FakeIssuer.Answer.class);
    Map<FakeIssuer.Answer, Integer> before = new EnumMap<>(FakeIssuer.Answer.class);
    TestFederation federation = new TestFederation();
    for (FakeIssuer.Answer bad :
        EnumSet.complementOf(EnumSet.of(FakeIssuer.Answer.GOOD, FakeIssuer.Answer.HANG))) {
      FakeIssuer issuer = FakeIssuer.start();
      issuers.put(bad, issuer);
      federation.issuer("issuer-" + issuers.size(), issuer.issuer());
    }
    try (BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      federation.load(federations);
      issuers.forEach(
          (bad, issuer) -> {
            client.exchange(valid(issuer)).granted();
            before.put(bad, issuer.requests());
            issuer.answer(bad);
          });

      issuers.forEach(
          (bad, issuer) -> {
            Answer unknown = client.exchange(request(withKid(issuer, "no-such-key")));
            if (issuer.requests() == before.getOrDefault(bad, 0)) {
              Patience.after(
                  Duration.ofMillis(Long.parseLong(unknown.pushback())),
                  () -> client.exchange(request(withKid(issuer, "no-such-key"))));
            }
          });

      issuers.forEach(
          (bad, issuer) -> {
            assertThat(issuer.requests()).as("%s", bad).isGreaterThan(before.get(bad));
            assertThat(client.exchange(valid(issuer)).code()).as("%s", bad).isEqualTo(Code.OK);
          });
    } finally {
      issuers.values().forEach(FakeIssuer::close);
    }
  }

  private static List<String> unknownKids(FakeIssuer issuer) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    String credential = issuer.credential();
    String rest = credential.substring(credential.indexOf('.'));
    List<String> credentials = new ArrayList<>();
    for (int at = 0; at < STORM; at++) {
      String header = "{\"alg\":\"RS256\",\"kid\":\"" + Long.toHexString(random.nextLong()) + "\"}";
      credentials.add(
          java.util.Base64.getUrlEncoder()
                  .withoutPadding()
                  .encodeToString(header.getBytes(java.nio.charset.StandardCharsets.UTF_8))
              + rest);
    }
    return credentials;
  }

  private static String withKid(FakeIssuer issuer, String kid) {
    return issuer.credential(header -> header.put("kid", kid), claims -> {});
  }

  private static ExchangeTokenRequest valid(FakeIssuer issuer) {
    return request(issuer.credential(claims -> claims.put("repository", "acme/payments")));
  }

  private static ExchangeTokenRequest request(String credential) {
    return BrokerClient.exchangeOf(credential);
  }
}
