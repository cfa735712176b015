package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.guard.PeerGuard;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.http.TestAnswers;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.peers.trust.PeerTls;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ClusterReviewTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final Set<String> AUDIENCES = Set.of("b", "a");
  private static final String YES = "{'authenticated': true, 'audiences': ['a']}";

  private final TestClock clock = new TestClock();
  private final ConcurrentLinkedQueue<PeerRequest> posted = new ConcurrentLinkedQueue<>();
  private final KeyAccess.ApiServer server =
      new KeyAccess.ApiServer(
          URI.create("https://10.96.0.1/k8s/"), Path.of("token"), Path.of("ca.crt"));
  private final KeyLocation location =
      new KeyLocation("https://kubernetes.default.svc", null, null, server);
  private volatile CallEnd answer = reviewed(YES);
  private @Nullable Latch begun;
  private @Nullable Latch end;
  private boolean hasToken = true;
  private final ClusterReview review =
      new ClusterReview(
          this::bearer,
          new ReviewCalls(location, server.server(), this::post),
          new PeerGuard("cluster", GuardValues.defaults(), () -> Rank.ALONE, Clocks.system()),
          clock::nanoTime);

  @Test
  void sends_the_form_of_the_api() {
    accepted(review.review("a.b.c", AUDIENCES, FAR));

    PeerRequest request = posted.element();
    assertThat(request.uri())
        .hasToString("https://10.96.0.1/k8s/apis/authentication.k8s.io/v1/tokenreviews");
    assertThat(request.tls()).isEqualTo(new PeerTls.TrustedFile(Path.of("ca.crt")));
    assertThat(request.headers())
        .containsOnly(
            Map.entry("Authorization", "Bearer own"),
            Map.entry("Accept", "application/json"),
            Map.entry("Content-Type", "application/json"));
    assertThat(new String(request.body(), UTF_8))
        .contains("\"apiVersion\":\"authentication.k8s.io/v1\"")
        .contains("\"kind\":\"TokenReview\"")
        .contains("\"token\":\"a.b.c\"")
        .contains("\"audiences\":[\"a\",\"b\"]");
  }

  @Test
  void remembers_acceptance_ten_seconds_by_credential_and_audiences() {
    accepted(review.review("a.b.c", AUDIENCES, FAR));
    clock.advance(Duration.ofSeconds(10).minusNanos(1));
    accepted(review.review("a.b.c", AUDIENCES, FAR));
    accepted(review.review("a.b.c", AUDIENCES, Deadline.after(Duration.ZERO)));
    assertThat(posted).hasSize(1);

    accepted(review.review("a.b.d", AUDIENCES, FAR));
    accepted(review.review("a.b.c", Set.of("a"), FAR));
    assertThat(posted).hasSize(3);

    clock.advance(Duration.ofNanos(1));
    answer = reviewed("{}");
    assertThat(reason(review.review("a.b.c", AUDIENCES, FAR)))
        .isEqualTo(RefusalReason.CREDENTIAL_REFUSED_BY_ISSUER);
  }

  @Test
  void remembers_no_refusal() {
    answer = reviewed("{'authenticated': false, 'error': 'pod is gone'}");
    Refusal refusal =
        refused(review.review("a.b.c", AUDIENCES, FAR), RefusalReason.CREDENTIAL_REFUSED_BY_ISSUER);
    assertThat(refusal.notes()).contains("Its status.error is: pod is gone");

    answer = reviewed(YES);
    accepted(review.review("a.b.c", AUDIENCES, FAR));
    assertThat(posted).hasSize(2);
  }

  @Test
  void shows_nothing_of_a_credential_that_the_server_repeats() {
    String credential = "x".repeat(40) + "." + "y".repeat(40) + "." + "z".repeat(40);
    answer = reviewed("{'error': 'no such token " + credential + "'}");

    assertThat(refused(review.review(credential, AUDIENCES, FAR)).toString())
        .doesNotContain("xxxx", "yyyy", "zzzz");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': false, 'audiences': ['a']} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': 'true', 'audiences': ['a']} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': 1, 'audiences': ['a']} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': true} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': true, 'audiences': []} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': true, 'audiences': 'a'} | CREDENTIAL_REFUSED_BY_ISSUER",
        "{'authenticated': true, 'audiences': ['A', 'https://kubernetes.default.svc']} |"
            + " CREDENTIAL_REFUSED_BY_ISSUER",
        "[] | TOKEN_REVIEW_UNAVAILABLE",
        "true | TOKEN_REVIEW_UNAVAILABLE",
        "null | TOKEN_REVIEW_UNAVAILABLE",
      })
  void accepts_nothing_but_a_yes_for_one_of_the_audiences(String status, RefusalReason reason) {
    answer = reviewed(status);

    assertThat(reason(review.review("a.b.c", AUDIENCES, FAR))).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "401, ISSUER_ACCESS_REFUSED, 1",
    "403, ISSUER_ACCESS_REFUSED, 1",
    "400, TOKEN_REVIEW_UNAVAILABLE, 1",
    "404, TOKEN_REVIEW_UNAVAILABLE, 1",
    "422, TOKEN_REVIEW_UNAVAILABLE, 1",
    "302, TOKEN_REVIEW_UNAVAILABLE, 1",
    "204, TOKEN_REVIEW_UNAVAILABLE, 1",
    "500, TOKEN_REVIEW_UNAVAILABLE, 1",
    "429, TOKEN_REVIEW_UNAVAILABLE, 3",
    "503, TOKEN_REVIEW_UNAVAILABLE, 3"
  })
  void judges_each_status(int status, RefusalReason reason, int attempts) {
    answer = TestAnswers.posted(status, "application/json", "{}");

    Refusal refusal = refused(review.review("a.b.c", AUDIENCES, FAR), reason);
    assertThat(refusal.seen()).isEqualTo("answered with status " + status);
    assertThat(posted).hasSize(attempts);
    if (reason == RefusalReason.TOKEN_REVIEW_UNAVAILABLE) {
      assertThat(refusal.retryAfter()).isNotNull();
    }
  }

  @Test
  void bounds_the_calls_of_one_credential_to_a_server_that_is_away() {
    answer = new CallFailed(FetchFailure.UNREACHABLE, "connection refused");

    for (int call = 0; call < 200; call++) {
      assertThat(reason(review.review("a.b.c", AUDIENCES, FAR)))
          .isEqualTo(RefusalReason.TOKEN_REVIEW_UNAVAILABLE);
    }

    // The first one, and the burst of retries: the circuit is open long before.
    assertThat(posted).hasSizeLessThanOrEqualTo(6);
  }

  @Test
  void makes_no_call_without_a_token_of_its_own() {
    hasToken = false;

    assertThat(reason(review.review("a.b.c", AUDIENCES, FAR)))
        .isEqualTo(RefusalReason.ISSUER_ACCESS_REFUSED);
    assertThat(posted).isEmpty();
  }

  @Test
  void says_that_the_deadline_of_the_caller_has_passed() {
    Deadline past = Deadline.after(Duration.ZERO);

    assertThat(reason(review.review("a.b.c", AUDIENCES, past)))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(posted).isEmpty();
  }

  @Test
  void callers_in_a_hurry_do_not_make_the_call_fail() {
    begun = new Latch(1);
    end = new Latch(1);
    for (int caller = 0; caller < 20; caller++) {
      Deadline soon = Deadline.after(Duration.ofMillis(5));
      assertThat(reason(review.review("a.b.c", AUDIENCES, soon)))
          .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    }

    end.countDown();
    accepted(review.review("a.b.c", AUDIENCES, FAR));

    assertThat(posted).hasSize(1);
  }

  @Test
  void makes_one_call_for_many_evaluations_of_a_credential() throws Exception {
    begun = new Latch(1);
    end = new Latch(1);
    List<Future<Outcome<String>>> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      outcomes.add(threads.submit(() -> review.review("a.b.c", AUDIENCES, FAR)));
      begun.await();
      for (int other = 0; other < 50; other++) {
        outcomes.add(threads.submit(() -> review.review("a.b.c", AUDIENCES, FAR)));
      }
      end.countDown();
      for (Future<Outcome<String>> outcome : outcomes) {
        accepted(outcome.get());
      }
    }

    assertThat(posted).hasSize(1);
  }

  private Outcome<Optional<BearerToken>> bearer(Deadline deadline) {
    return hasToken
        ? Outcome.accepted(Optional.of(new BearerToken("own")))
        : Outcome.refused(Refusal.of(RefusalReason.ISSUER_ACCESS_REFUSED));
  }

  private CallEnd post(PeerRequest request, Deadline limit) {
    posted.add(request);
    if (begun != null && end != null) {
      begun.countDown();
      end.await();
    }
    return answer;
  }

  private static CallEnd reviewed(String status) {
    String body = "{'kind': 'TokenReview', 'status': " + status + "}";
    return TestAnswers.posted(201, "application/json", body.replace('\'', '"'));
  }
}
