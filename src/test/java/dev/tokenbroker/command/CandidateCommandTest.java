package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.edges.http.LocalHttp;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.reports.Candidate;
import dev.tokenbroker.reports.CandidateDifference;
import dev.tokenbroker.reports.Decision;
import dev.tokenbroker.reports.EntryDiff;
import dev.tokenbroker.reports.ValueDiff;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The output of {@code candidate} for what a broker responds. */
class CandidateCommandTest {

  private static final String REVISION = "2".repeat(64);

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private volatile int status = 200;
  private volatile String body = "{}";
  private final URI broker =
      LocalHttp.serve(
          vertx, request -> request.response().setStatusCode(status).end(answer(request.path())));

  private String answer(@Nullable String path) {
    return "/candidate".equals(path) ? body : "";
  }

  @Test
  void shows_what_the_candidate_changes_with_the_newest_first() {
    answers(candidate().build());

    Ran ran = run();

    assertThat(ran)
        .isEqualTo(
            new Ran(
                0,
                """
                candidate 2222222222222222222222222222222222222222222222222222222222222222
                ├─ loaded     2023-11-14T22:13:20Z
                ├─ warnings
                │  └─ ! federation.yaml:12: warning no-owner: The rule does not bind the owner.
                ├─ cases      11 as expected, 1 not
                │  └─ ✗ tests/pay.cases.yaml:9: main deploys: expected accepted, got refused
                ├─ compared   12.5 % of exchanges: 3 newly-accepted, 2 newly-refused, 120 unchanged
                ├─ skipped    4 not-judged
                ├─ newly-accepted: 2 distinct, 3 exchanges
                │  ├─ 1 × github repo:acme/new → payments-api
                │  │  ├─ in force   refused: NO_RULE_MATCHED
                │  │  ├─ candidate  accepted by deploy as repo:acme, scopes [deploy, read]
                │  │  ├─ claim      ref = refs/heads/dev
                │  │  ├─ claim      repository = acme/payments
                │  │  └─ last       2023-11-14T22:13:40Z
                │  └─ 2 × github repo:acme/old → payments-api
                │     ├─ in force   refused: NO_RULE_MATCHED
                │     ├─ candidate  accepted by deploy as repo:acme, scopes [deploy, read]
                │     └─ last       2023-11-14T22:13:30Z
                └─ newly-refused: 1 distinct, 2 exchanges
                   └─ 2 × github repo:acme/fork → orders [read]
                      ├─ in force   accepted by deploy as repo:acme, scopes [deploy, read]
                      ├─ candidate  refused: NO_RULE_MATCHED
                      └─ last       2023-11-14T22:13:35Z
                """,
                ""));
  }

  @Test
  void shows_the_problems_of_a_document_that_is_not_compared() {
    answers(
        Candidate.newBuilder()
            .addProblems(
                "federation.yaml:3: no issuer 'gitlab' is declared. Did you mean 'github'?")
            .build());

    assertThat(run().out())
        .isEqualTo(
            """
            candidate with problems
            └─ problems
               └─ ✗ federation.yaml:3: no issuer 'gitlab' is declared. Did you mean 'github'?
            """);
  }

  @Test
  void says_that_there_is_none() {
    assertThat(run()).isEqualTo(new Ran(0, "the broker has no candidate\n", ""));
  }

  @Test
  void shows_few_of_many_differences() {
    Candidate.Builder many = Candidate.newBuilder().setRevision(REVISION);
    for (int number = 0; number < 25; number++) {
      many.addDifferences(difference("other-rule", "s" + number, number, 1));
    }
    answers(many.build());

    assertThat(run().out())
        .contains(
            "other-rule: 25 distinct, 25 exchanges", "s24 ", "s5 ", "and 5 more; --json shows all")
        .doesNotContain("s4 ");
    assertThat(new JsonObject(run("--json").out()).getJsonArray("differences")).hasSize(25);
  }

  @Test
  void json_has_the_names_of_the_api() {
    answers(candidate().build());

    JsonObject json = new JsonObject(run("--json").out());

    assertThat(json.fieldNames())
        .containsExactly(
            "revision",
            "load_time",
            "problems",
            "warnings",
            "cases_passed",
            "cases_failed",
            "case_failures",
            "share",
            "compared",
            "skipped",
            "differences",
            "entries");
    assertThat(json.getJsonArray("differences").getJsonObject(0))
        .isEqualTo(
            new JsonObject(
                """
                {"change": "newly-refused", "issuer": "github", "subject": "repo:acme/fork",
                 "target": "orders", "scopes": ["read"], "claims": {},
                 "in_force": {"outcome": "accepted", "reason": "", "rule": "deploy", "subject": "repo:acme",
                   "scopes": ["deploy", "read"]},
                 "candidate": {"outcome": "refused", "reason": "NO_RULE_MATCHED", "rule": "",
                   "subject": "", "scopes": []},
                 "count": 2, "first_time": "2023-11-14T22:13:20Z", "last_time": "2023-11-14T22:13:35Z"}
                """));
  }

  @Test
  void no_control_character_of_an_answer_reaches_the_terminal() {
    String evil = "a\u001B[2Jb\nc\u202Ed\u009B";
    answers(
        Candidate.newBuilder()
            .setRevision(evil)
            .addWarnings(evil)
            .addCaseFailures(evil)
            .putCompared(evil, 1)
            .putSkipped(evil, 1)
            .addDifferences(
                CandidateDifference.newBuilder()
                    .setChange(evil)
                    .setIssuer(evil)
                    .setSubject(evil)
                    .setTarget(evil)
                    .addScopes(evil)
                    .putClaims(evil, evil)
                    .setInForce(Decision.newBuilder().setReason(evil).setRule(evil))
                    .setCandidate(
                        Decision.newBuilder()
                            .setOutcome("accepted")
                            .setRule(evil)
                            .setSubject(evil)
                            .addScopes(evil)))
            .build());

    assertThat((run().out() + run("--json").out()).chars())
        .noneMatch(c -> c != '\n' && (Character.isISOControl(c) || c == 0x202E));
  }

  @Test
  void lines_stay_within_100_columns() {
    String longest = "claims.repository ".repeat(14);
    answers(
        Candidate.newBuilder()
            .setRevision(REVISION)
            .addWarnings(longest)
            .addDifferences(
                difference("other-grant", "x".repeat(250), 1, 1).toBuilder()
                    .putClaims("sub", longest))
            .build());

    assertThat(run().out().lines()).allMatch(line -> line.length() <= 100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"share\": \"NaN\"}",
        "{\"share\": -0.1}",
        "{\"share\": 1.1}",
        "{\"warnings\": \"many\"}",
        "{\"compared\": {\"unchanged\": -1}}",
        "{\"load_time\": \"yesterday\"}"
      })
  void a_report_that_is_none_is_no_brokers(String answer) {
    body = answer;

    assertThat(run().code()).isEqualTo(76);
  }

  @Test
  void members_that_a_newer_broker_adds_are_shown_as_json() {
    body = "{\"share\": 0.5, \"mood\": \"good\"}";

    assertThat(run("--json").out()).contains("\"mood\" : \"good\"");
  }

  @Test
  void shows_the_entries_that_differ_with_their_places() {
    answers(
        Candidate.newBuilder()
            .setRevision(REVISION)
            .setShare(1)
            .addEntries(
                EntryDiff.newBuilder()
                    .setSection("rule")
                    .setName("deploy")
                    .setChange("changed")
                    .setFromPlace("a.yaml:3")
                    .setToPlace("a.yaml:4")
                    .addValues(
                        ValueDiff.newBuilder()
                            .setPath("scopes")
                            .setFrom("[deploy, read]")
                            .setTo("[read]")
                            .setFromPlace("a.yaml:5")
                            .setToPlace("a.yaml:6")))
            .build());

    assertThat(run().out())
        .endsWith(
            """
            └─ 1 entry differs
               └─ ~ rule deploy changed  (a.yaml:3 -> a.yaml:4)
                  └─ scopes
                       - [deploy, read]  (a.yaml:5)
                       + [read]  (a.yaml:6)
            """);
  }

  @Test
  void exits_with_1_on_refusal_and_another_code_on_broker_trouble() {
    body = "{\"title\": \"Unauthorized\", \"detail\": \"Present an access token.\"}";
    status = 401;

    assertThat(run())
        .isEqualTo(
            new Ran(
                1,
                "",
                """
                token-broker: the broker refuses: 401 Unauthorized
                token-broker: remedy   Present an access token.
                """));
    status = 503;
    assertThat(run().code()).isEqualTo(69);
  }

  private void answers(Candidate candidate) {
    Unchecked.run(
        () ->
            body =
                JsonFormat.printer()
                    .preservingProtoFieldNames()
                    .alwaysPrintFieldsWithNoPresence()
                    .print(candidate));
  }

  private static Candidate.Builder candidate() {
    return Candidate.newBuilder()
        .setRevision(REVISION)
        .setLoadTime(time(0))
        .addWarnings("federation.yaml:12: warning no-owner: The rule does not bind the owner.")
        .setCasesPassed(11)
        .setCasesFailed(1)
        .addCaseFailures("tests/pay.cases.yaml:9: main deploys: expected accepted, got refused")
        .setShare(0.125)
        .putCompared("unchanged", 120)
        .putCompared("newly-refused", 2)
        .putCompared("newly-accepted", 3)
        .putSkipped("not-judged", 4)
        .addDifferences(
            difference("newly-refused", "repo:acme/fork", 15, 2).toBuilder()
                .setTarget("orders")
                .addScopes("read"))
        .addDifferences(difference("newly-accepted", "repo:acme/old", 10, 2))
        .addDifferences(
            difference("newly-accepted", "repo:acme/new", 20, 1).toBuilder()
                .putClaims("repository", "acme/payments")
                .putClaims("ref", "refs/heads/dev"));
  }

  private static CandidateDifference difference(
      String change, String subject, long seconds, int count) {
    Decision yes =
        Decision.newBuilder()
            .setOutcome("accepted")
            .setRule("deploy")
            .setSubject("repo:acme")
            .addScopes("deploy")
            .addScopes("read")
            .build();
    Decision no = Decision.newBuilder().setOutcome("refused").setReason("NO_RULE_MATCHED").build();
    boolean refused = change.equals("newly-refused");
    return CandidateDifference.newBuilder()
        .setChange(change)
        .setIssuer("github")
        .setSubject(subject)
        .setTarget("payments-api")
        .setInForce(refused ? yes : no)
        .setCandidate(refused ? no : yes)
        .setCount(count)
        .setFirstTime(time(0))
        .setLastTime(time(seconds))
        .build();
  }

  private static Timestamp time(long seconds) {
    return Timestamp.newBuilder().setSeconds(1_700_000_000 + seconds).build();
  }

  private Ran run(String... more) {
    return new Shell()
        .line(
            ("candidate --broker " + broker.getAuthority() + " " + String.join(" ", more)).strip());
  }
}
