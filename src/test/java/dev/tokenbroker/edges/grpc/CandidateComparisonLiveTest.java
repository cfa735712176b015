package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.edges.edge.CandidateProfile;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.operate.candidate.Candidate;
import dev.tokenbroker.operate.candidate.CandidateReport;
import dev.tokenbroker.operate.candidate.Comparison;
import dev.tokenbroker.operate.candidate.DecisionDifference;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Verdict;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A candidate that is judged beside the federation in force, over both edges. */
@QuarkusTest
@TestProfile(CandidateProfile.class)
class CandidateComparisonLiveTest {

  private static final int IDENTITIES = 25;
  private static final int BY_GRPC = 3;
  private static final int BY_HTTP = 2;

  @Inject Federations federations;
  @Inject Candidate candidate;
  @Inject Comparison comparison;
  @Inject MovableClock clock;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final FakeIssuer onceOnly = FakeIssuer.start();
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> FakeUpstream.token());
  @AutoClose private BrokerClient client;
  @AutoClose private TokenClient http;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
    http = new TokenClient(url, Version.HTTP_1_1);
    issuer.clock(clock);
    onceOnly.clock(clock);
    TestFederation.load(inForce(), federations);
  }

  @AfterEach
  void stop() throws IOException {
    Files.deleteIfExists(CandidateProfile.CANDIDATE);
    candidate.reload();
  }

  private String inForce() {
    return """
        issuers:
          - {name: good, issuer: '%s', audiences: ['%s']}
          - {name: once, issuer: '%s', audiences: ['%s'], once: true}
        upstreams:
          - {name: sso, tokenEndpoint: '%s/token', clientAuthentication: none, clientId: broker}
        targets:
          - {audience: orders, mint: {lifetime: 5m}}
          - {audience: sso, exchange: {upstream: sso}}
        rules:
          - name: operators
            issuer: good
            audience: token-broker
            when: claims.team == "operators"
            scopes: [operate]
          - name: orders
            issuer: good
            audience: orders
            when: claims.team in ["same", "refused", "ruled", "granted"]
            scopes: [read]
          - {name: orders-once, issuer: once, audience: orders, when: 'true', scopes: [read]}
          - {name: sso, issuer: good, audience: sso, when: claims.team == "sso", scopes: [read]}
        """
        .formatted(
            issuer.issuer(),
            FakeIssuer.AUDIENCE,
            onceOnly.issuer(),
            FakeIssuer.AUDIENCE,
            upstream.origin());
  }

  /** Each team but the first two ends otherwise. */
  private String changed() {
    return inForce()
        .replace("\"refused\", ", "")
        .replace("\"granted\"]", "\"granted\", \"accepted\"]")
        .replace(
            "  - name: orders\n",
            """
              - name: ruled
                issuer: good
                audience: orders
                when: claims.team == "ruled"
                scopes: [read]
              - name: orders
                subject: 'claims.team == "granted" ? "another" : subject'
            """)
        .replace("name: sso, issuer", "name: renamed, issuer");
  }

  private void put(String document) throws IOException {
    Files.writeString(CandidateProfile.CANDIDATE, document);
    candidate.reload();
  }

  private String credential(FakeIssuer from, String team, int at) {
    return from.credential(
        claims -> {
          claims.put("sub", team + "-" + at);
          claims.put("team", team);
          claims.put("jti", from.issuer() + team + at);
        });
  }

  private static ExchangeTokenRequest request(String credential, String target) {
    return BrokerClient.exchangeOf(target, credential);
  }

  @Test
  void counts_a_known_mix_exactly_without_upstream_or_use() throws IOException {
    put(changed());
    List<String> teams = List.of("same", "refused", "ruled", "granted", "accepted");
    for (int at = 0; at < IDENTITIES; at++) {
      String team = teams.get(at % teams.size());
      String credential = credential(issuer, team, at);
      for (int call = 0; call < BY_GRPC; call++) {
        assertThat(client.exchange(request(credential, "orders")).token() != null)
            .isEqualTo(!team.equals("accepted"));
      }
      for (int call = 0; call < BY_HTTP; call++) {
        http.post(TokenClient.exchangeOf(credential).set("audience", "orders"));
      }
    }
    for (int at = 0; at < 20; at++) {
      client.exchange(request(credential(onceOnly, "any", at), "orders")).granted();
      String exchanged = credential(issuer, "sso", at);
      client.exchange(request(exchanged, "sso")).granted();
      client.exchange(request(exchanged, "sso")).granted();
    }
    for (int at = 0; at < 7; at++) {
      assertThat(client.exchange(request("no credential", "orders")).token()).isNull();
    }

    CandidateReport report = report(125 + 20 + 40);

    assertThat(compared(report))
        .isEqualTo(
            Map.of(
                "unchanged", 45L,
                "newly-refused", 25L,
                "newly-accepted", 25L,
                "other-rule", 65L,
                "other-grant", 25L));
    assertThat(skipped(report)).isEqualTo(Map.of("not-judged", 7L));
    assertThat(report.differences())
        .hasSize(4 * 5 + 20)
        .filteredOn(difference -> !difference.target().equals("sso"))
        .extracting(DecisionDifference::count)
        .containsOnly((long) BY_GRPC + BY_HTTP);
    assertThat(upstream.asked()).hasSize(20);
    assertThat(issuer.keyRequests()).isEqualTo(1);
    // What the comparison had used up could not be exchanged once.
    client.exchange(request(credential(onceOnly, "any", 21), "orders")).granted();
  }

  @Test
  void a_candidate_with_problems_compares_nothing_until_corrected() throws IOException {
    put(changed().replace("targets:", "targetz:"));
    String credential = credential(issuer, "refused", 1);

    client.exchange(request(credential, "orders")).granted();
    assertThat(comparison.report().problems()).isNotEmpty();
    assertThat(comparison.report().revision()).isNull();

    put(changed());
    client.exchange(request(credential, "orders")).granted();

    CandidateReport report = report(1);
    assertThat(report.problems()).isEmpty();
    assertThat(compared(report)).isEqualTo(Map.of("newly-refused", 1L));
  }

  @Test
  void a_candidate_replaced_during_exchanges_restarts_its_counts() throws Exception {
    put(changed());
    String credential = credential(issuer, "refused", 2);
    client.exchange(request(credential, "orders")).granted();
    assertThat(compared(report(1))).isEqualTo(Map.of("newly-refused", 1L));

    put(inForce());
    assertThat(compared(comparison.report())).isEmpty();
    List<Thread> callers = new ArrayList<>();
    for (int at = 0; at < 4; at++) {
      callers.add(
          Thread.startVirtualThread(
              () -> {
                for (int call = 0; call < 25; call++) {
                  client.exchange(request(credential, "orders")).granted();
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(compared(report(100))).isEqualTo(Map.of("unchanged", 100L));
    assertThat(comparison.report().differences()).isEmpty();
  }

  @Test
  void an_operator_also_gets_the_verdict_of_the_candidate() throws IOException {
    put(changed());
    String operator =
        client.accessToken(request(credential(issuer, "operators", 1), "token-broker"));
    ExplainExchangeRequest question =
        ExplainExchangeRequest.newBuilder()
            .setExchange(request(credential(issuer, "refused", 3), "orders"))
            .setWithCandidate(true)
            .build();

    Verdict shown = explain(question, operator);

    assertThat(shown.getOutcome()).isEqualTo(Outcome.OUTCOME_ACCEPTED);
    assertThat(shown.hasCandidate()).isTrue();
    assertThat(shown.getCandidate().getOutcome()).isEqualTo(Outcome.OUTCOME_REFUSED);
    assertThat(shown.getCandidate().getReason()).isEqualTo("NO_RULE_MATCHED");
    assertThat(shown.getCandidate().getFederationRevision())
        .isEqualTo(comparison.report().revision());
    assertThat(client.stub().explainExchange(question).hasCandidate()).isFalse();
    assertThat(
            explain(question.toBuilder().setWithCandidate(false).build(), operator).hasCandidate())
        .isFalse();
    assertThat(
            explain(
                    question.toBuilder().setExchange(request("no credential", "orders")).build(),
                    operator)
                .hasCandidate())
        .isFalse();
  }

  @Test
  void an_operator_names_the_explained_client_at_both_edges() {
    TestFederation.load(
        inForce()
            + """
                - {name: by-job, issuer: good, client: job, audience: orders, when: claims.team == "job"}
              clients:
                - {name: job, issuer: once, subject: job, may: [exchange]}
              """,
        federations);
    String operator =
        client.accessToken(request(credential(issuer, "operators", 2), "token-broker"));
    String credential = credential(issuer, "job", 1);
    ExplainExchangeRequest question =
        ExplainExchangeRequest.newBuilder().setExchange(request(credential, "orders")).build();
    ExplainExchangeRequest named = question.toBuilder().setClient("job").build();
    String form = "audience=orders&subject_token=" + credential;
    String[] header = {"Authorization", "Bearer " + operator};

    assertThat(explain(question, operator).getReason()).isEqualTo("CLIENT_NOT_ADMITTED");
    assertThat(explain(named, operator).getReason()).isEmpty();
    assertThat(explain(named, operator).getClient()).isEqualTo("job");
    assertThat(Http.post(url.resolve("/explain"), form, header).body())
        .contains("CLIENT_NOT_ADMITTED");
    assertThat(Http.post(url.resolve("/explain"), form + "&client=job", header).body())
        .contains("\"accepted\"", "\"job\"");
    assertThatThrownBy(() -> client.stub().explainExchange(named))
        .hasMessageContaining("CALLER_UNAUTHENTICATED");
  }

  private Verdict explain(ExplainExchangeRequest question, String token) {
    return client.with("authorization", List.of("Bearer " + token)).explainExchange(question);
  }

  /** The report once so many exchanges are compared. */
  private CandidateReport report(long exchanges) {
    return Eventually.see(
        comparison::report,
        report ->
            report.compared().values().stream().mapToLong(Long::longValue).sum() >= exchanges);
  }

  private static Map<String, Long> compared(CandidateReport report) {
    Map<String, Long> present = new TreeMap<>();
    report.compared().forEach((effect, count) -> present.put(effect.label(), count));
    present.values().removeIf(count -> count == 0);
    return present;
  }

  private static Map<String, Long> skipped(CandidateReport report) {
    Map<String, Long> present = new TreeMap<>();
    report.skipped().forEach((cause, count) -> present.put(cause.label(), count));
    present.values().removeIf(count -> count == 0);
    return present;
  }
}
