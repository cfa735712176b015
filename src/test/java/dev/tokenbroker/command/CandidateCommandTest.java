package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.edges.http.guard.LocalHttp;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Instant;
import java.util.List;
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
    answers(candidate());

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
        new JsonObject()
            .put(
                "problems",
                List.of(
                    "federation.yaml:3: no issuer 'gitlab' is declared. Did you mean 'github'?")));

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
    JsonArray many = new JsonArray();
    for (int number = 0; number < 25; number++) {
      many.add(difference("other-rule", "s" + number, number, 1));
    }
    answers(new JsonObject().put("revision", REVISION).put("differences", many));

    assertThat(run().out())
        .contains(
            "other-rule: 25 distinct, 25 exchanges", "s24 ", "s5 ", "and 5 more; --json shows all")
        .doesNotContain("s4 ");
    assertThat(new JsonObject(run("--json").out()).getJsonArray("differences")).hasSize(25);
  }

  @Test
  void json_has_the_names_of_the_api() {
    answers(candidate());

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
        candidate()
            .put("revision", evil)
            .put("warnings", List.of(evil))
            .put("case_failures", List.of(evil))
            .put("compared", new JsonObject().put(evil, 1))
            .put("skipped", new JsonObject().put(evil, 1))
            .put(
                "differences",
                List.of(
                    difference(evil, evil, 1, 1)
                        .put("issuer", evil)
                        .put("target", evil)
                        .put("scopes", List.of(evil))
                        .put("claims", new JsonObject().put(evil, evil))
                        .put("in_force", new JsonObject().put("reason", evil).put("rule", evil))
                        .put("candidate", accepted(evil, evil, evil)))));

    assertThat((run().out() + run("--json").out()).chars())
        .noneMatch(c -> c != '\n' && (Character.isISOControl(c) || c == 0x202E));
  }

  @Test
  void lines_stay_within_100_columns() {
    String longest = "claims.repository ".repeat(14);
    answers(
        candidate()
            .put("warnings", List.of(longest))
            .put(
                "differences",
                List.of(
                    difference("other-grant", "x".repeat(250), 1, 1)
                        .put("claims", new JsonObject().put("sub", longest)))));

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
        new JsonObject(
            """
            {"revision": "%s", "share": 1, "entries": [
              {"section": "rule", "name": "deploy", "change": "changed",
               "from_place": "a.yaml:3", "to_place": "a.yaml:4", "values": [
                 {"path": "scopes", "from": "[deploy, read]", "to": "[read]",
                  "from_place": "a.yaml:5", "to_place": "a.yaml:6"}]}]}
            """
                .formatted(REVISION)));

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

  private void answers(JsonObject candidate) {
    body = candidate.encode();
  }

  private static JsonObject candidate() {
    JsonObject fork =
        difference("newly-refused", "repo:acme/fork", 15, 2)
            .put("target", "orders")
            .put("scopes", List.of("read"));
    JsonObject claims =
        new JsonObject().put("repository", "acme/payments").put("ref", "refs/heads/dev");
    return new JsonObject(
            """
            {"revision": "%s", "load_time": "2023-11-14T22:13:20Z", "problems": [],
             "warnings": ["federation.yaml:12: warning no-owner: The rule does not bind the owner."],
             "cases_passed": 11, "cases_failed": 1,
             "case_failures": ["tests/pay.cases.yaml:9: main deploys: expected accepted, got refused"],
             "share": 0.125, "compared": {"unchanged": 120, "newly-refused": 2, "newly-accepted": 3},
             "skipped": {"not-judged": 4}}
            """
                .formatted(REVISION))
        .put(
            "differences",
            List.of(
                fork,
                difference("newly-accepted", "repo:acme/old", 10, 2),
                difference("newly-accepted", "repo:acme/new", 20, 1).put("claims", claims)))
        .put("entries", List.of());
  }

  private static JsonObject difference(String change, String subject, long seconds, int count) {
    JsonObject yes = accepted("deploy", "repo:acme", "deploy", "read");
    JsonObject no =
        new JsonObject(
            """
            {"outcome": "refused", "reason": "NO_RULE_MATCHED", "rule": "", "subject": "", "scopes": []}
            """);
    boolean refused = change.equals("newly-refused");
    return new JsonObject()
        .put("change", change)
        .put("issuer", "github")
        .put("subject", subject)
        .put("target", "payments-api")
        .put("scopes", List.of())
        .put("claims", new JsonObject())
        .put("in_force", refused ? yes : no)
        .put("candidate", refused ? no : yes)
        .put("count", count)
        .put("first_time", time(0))
        .put("last_time", time(seconds));
  }

  private static JsonObject accepted(String rule, String subject, String... scopes) {
    return new JsonObject()
        .put("outcome", "accepted")
        .put("reason", "")
        .put("rule", rule)
        .put("subject", subject)
        .put("scopes", List.of(scopes));
  }

  private static String time(long seconds) {
    return Instant.ofEpochSecond(1_700_000_000 + seconds).toString();
  }

  private Ran run(String... more) {
    return new Shell()
        .line(
            ("candidate --broker " + broker.getAuthority() + " " + String.join(" ", more)).strip());
  }
}
