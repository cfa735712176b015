package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.http.LocalHttp;
import dev.tokenbroker.v1.DiffRevisionsRequest;
import dev.tokenbroker.v1.EntryDiff;
import dev.tokenbroker.v1.GetRolloutRequest;
import dev.tokenbroker.v1.KeptRevision;
import dev.tokenbroker.v1.PromoteCandidateRequest;
import dev.tokenbroker.v1.RevisionDiff;
import dev.tokenbroker.v1.RollBackRequest;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.ValueDiff;
import io.grpc.Status;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The output of {@code rollout} for what a broker responds, and what it sends for its arguments.
 */
class RolloutCommandTest {

  private static final String ONE = "1".repeat(64);
  private static final String TWO = "2".repeat(64);

  private static final Rollout ROLLOUT =
      Rollout.newBuilder()
          .setRevision(ONE)
          .setCandidateRevision(TWO)
          .setKeepsHistory(true)
          .addKept(
              KeptRevision.newBuilder()
                  .setRevision(ONE)
                  .setTime(Timestamp.newBuilder().setSeconds(1_700_000_000))
                  .setAction("promoted")
                  .setBy("ops@acme.example")
                  .setReason("ticket 17"))
          .addKept(
              KeptRevision.newBuilder()
                  .setRevision("3".repeat(64))
                  .setTime(Timestamp.newBuilder().setSeconds(1_600_000_000))
                  .setAction("loaded")
                  .setBy("/etc/token-broker/federation.yaml"))
          .addProblems("federation.yaml:3: no issuer 'gitlab' is declared.")
          .build();

  private static final RevisionDiff DIFF =
      RevisionDiff.newBuilder()
          .setFrom(ONE)
          .setTo(TWO)
          .addEntries(
              EntryDiff.newBuilder()
                  .setSection("target")
                  .setName("invoices")
                  .setChange("added")
                  .setToPlace("federation.yaml:9")
                  .addValues(
                      ValueDiff.newBuilder()
                          .setPath("mint.lifetime")
                          .setTo("5m")
                          .setToPlace("federation.yaml:10")))
          .addEntries(
              EntryDiff.newBuilder()
                  .setSection("rule")
                  .setName("deploy-payments")
                  .setChange("changed")
                  .setFromPlace("federation.yaml:14")
                  .setToPlace("federation.yaml:15")
                  .addValues(
                      ValueDiff.newBuilder()
                          .setPath("when")
                          .setFrom("claims.ref == \"refs/heads/main\"")
                          .setFromPlace("federation.yaml:16")
                          .setTo(
                              "claims.ref in [\"refs/heads/main\", \"refs/heads/dev\", \"refs/heads/release\"] &&"
                                  + " claims.repository_id == \"42\"")
                          .setToPlace("federation.yaml:17"))
                  .addValues(
                      ValueDiff.newBuilder()
                          .setPath("(order)")
                          .setFrom("before review")
                          .setFromPlace("federation.yaml:14")
                          .setTo("after review")
                          .setToPlace("federation.yaml:15")))
          .build();

  @TempDir Path directory;

  private final StubOperations broker = new StubOperations();

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void status_shows_the_revisions_and_problems() {
    broker.with(ROLLOUT);

    assertThat(run("status"))
        .isEqualTo(
            new Ran(
                0,
                """
                rollout
                ├─ in force    1111111111111111111111111111111111111111111111111111111111111111
                ├─ candidate   2222222222222222222222222222222222222222222222222222222222222222
                ├─ kept
                │  ├─ 1111111111111111111111111111111111111111111111111111111111111111
                │  │  ├─ promoted    2023-11-14T22:13:20Z by ops@acme.example
                │  │  └─ reason      ticket 17
                │  └─ 3333333333333333333333333333333333333333333333333333333333333333
                │     └─ loaded      2020-09-13T12:26:40Z by /etc/token-broker/federation.yaml
                └─ problems
                   └─ ✗ federation.yaml:3: no issuer 'gitlab' is declared.
                """,
                ""));
    assertThat(broker.requests()).containsExactly(GetRolloutRequest.getDefaultInstance());
    assertThat(broker.authorizations()).containsExactly("");
  }

  @Test
  void status_says_what_a_broker_without_history_cannot_do() {
    broker.with(Rollout.newBuilder().setRevision(ONE).build());

    assertThat(run("status").out())
        .isEqualTo(
            """
            rollout
            ├─ in force    1111111111111111111111111111111111111111111111111111111111111111
            ├─ candidate   none
            └─ history     not kept: this broker can neither promote nor roll back
            """);
  }

  @Test
  void status_as_json_has_the_names_of_the_api() {
    broker.with(ROLLOUT);

    JsonObject json = new JsonObject(run("status", "--json").out());

    assertThat(json.fieldNames())
        .containsExactly("revision", "candidate_revision", "keeps_history", "kept", "problems");
    assertThat(json.getJsonArray("kept").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("revision", ONE)
                .put("time", "2023-11-14T22:13:20Z")
                .put("action", "promoted")
                .put("by", "ops@acme.example")
                .put("reason", "ticket 17"));
  }

  @Test
  void diff_shows_each_entry_and_ends_with_1() {
    broker.with(DIFF);

    assertThat(run("diff"))
        .isEqualTo(
            new Ran(
                1,
                """
                111111111111 -> 222222222222: 2 entries differ
                ├─ + target invoices added  (federation.yaml:9)
                │  └─ mint.lifetime
                │       + 5m  (federation.yaml:10)
                └─ ~ rule deploy-payments changed  (federation.yaml:14 -> federation.yaml:15)
                   ├─ when
                   │    - claims.ref == "refs/heads/main"  (federation.yaml:16)
                   │    + claims.ref in ["refs/heads/main", "refs/heads/dev", "refs/heads/release"] &&
                   │      claims.repository_id == "42"  (federation.yaml:17)
                   └─ (order)
                        - before review  (federation.yaml:14)
                        + after review  (federation.yaml:15)
                """,
                ""));
    assertThat(run("diff").out().lines()).allMatch(line -> line.length() <= 100);
    assertThat(broker.requests()).contains(DiffRevisionsRequest.getDefaultInstance());
  }

  @Test
  void diff_has_colours_on_a_terminal() {
    broker.with(DIFF);

    assertThat(new Shell().onTerminal().run(args("diff")).out())
        .contains(
            "├─ \u001B[32m+ target invoices added\u001B[0m  \u001B[2m(federation.yaml:9)\u001B[0m\n",
            "│    \u001B[31m- claims.ref == \"refs/heads/main\"\u001B[0m  \u001B[2m(federation.yaml:16)\u001B[0m\n");
  }

  @Test
  void diff_without_differences_ends_with_0() {
    broker.with(RevisionDiff.newBuilder().setFrom(ONE).setTo(TWO).build());

    assertThat(run("diff", "--from", ONE, "--to", TWO))
        .isEqualTo(new Ran(0, "111111111111 -> 222222222222: no entry differs\n", ""));
    assertThat(broker.requests())
        .containsExactly(DiffRevisionsRequest.newBuilder().setFrom(ONE).setTo(TWO).build());
  }

  @Test
  void diff_as_json_has_the_names_of_the_api() {
    broker.with(DIFF);

    Ran ran = run("diff", "--json");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(new JsonObject(ran.out()).getJsonArray("entries").getJsonObject(0))
        .isEqualTo(
            new JsonObject(
                """
                {"section": "target", "name": "invoices", "change": "added",
                 "to_place": "federation.yaml:9",
                 "values": [{"path": "mint.lifetime", "to": "5m", "to_place": "federation.yaml:10"}]}
                """));
  }

  @Test
  void promote_sends_the_reviewed_revision_and_the_reason() {
    broker.with(ROLLOUT);

    Ran ran = run("promote", TWO, "--reason", "ticket 17");

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("promoted\n├─ in force    " + ONE + "\n");
    assertThat(broker.requests())
        .containsExactly(
            PromoteCandidateRequest.newBuilder().setRevision(TWO).setReason("ticket 17").build());
  }

  @Test
  void rollback_sends_the_kept_revision_and_the_reason() {
    broker.with(ROLLOUT);

    Ran ran = run("rollback", ONE, "--reason", "incident 4");

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("rolled back\n├─ in force    " + ONE + "\n");
    assertThat(broker.requests())
        .containsExactly(
            RollBackRequest.newBuilder().setRevision(ONE).setReason("incident 4").build());
  }

  @Test
  void the_operators_token_authenticates_the_call_and_is_not_shown() {
    broker.with(ROLLOUT);

    Ran ran = new Shell().typing("the-token\n").run(args("status", "--authorization-file", "-"));

    assertThat(ran.code()).isZero();
    assertThat(ran.all()).doesNotContain("the-token");
    assertThat(broker.authorizations()).containsExactly("Bearer the-token");
  }

  @Test
  void a_refusal_is_told_with_its_meaning_remedy_and_details() {
    broker.refusing(
        Status.FAILED_PRECONDITION.withDescription(
            "The candidate has another revision. Review it, and promote the revision that status shows."),
        ErrorInfo.newBuilder()
            .setDomain("tokenbroker.dev")
            .setReason("CANDIDATE_CHANGED")
            .putMetadata("revision", ONE)
            .build(),
        BadRequest.FieldViolation.newBuilder()
            .setField("revision")
            .setDescription("the revision of the candidate")
            .build());

    assertThat(run("promote", TWO, "--reason", "ticket 17"))
        .isEqualTo(
            new Ran(
                1,
                "",
                """
                token-broker: the broker refuses: CANDIDATE_CHANGED
                token-broker: meaning  The candidate has another revision.
                token-broker: remedy   Review it, and promote the revision that status shows.
                token-broker: detail   revision: the revision of the candidate
                token-broker: detail   revision: %s
                """
                    .formatted(ONE)));
  }

  @Test
  void a_broker_that_cannot_answer_now_is_unavailable() {
    broker.refusing(
        Status.UNAVAILABLE.withDescription("The broker is stopping. Come back."),
        ErrorInfo.newBuilder().setDomain("tokenbroker.dev").setReason("STOPPING").build());

    assertThat(run("status").code()).isEqualTo(69);
    assertThat(run("status").err()).startsWith("token-broker: the broker refuses: STOPPING\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "\u0012\u0003abc"})
  void a_status_without_details_of_a_broker_is_told_by_its_number(String details) {
    broker.refusing(
        Status.PERMISSION_DENIED.withDescription("no\u001B[31m way"),
        details.getBytes(StandardCharsets.UTF_8));

    assertThat(run("status"))
        .isEqualTo(
            new Ran(
                69, "", "token-broker: the broker does not answer: status 7 no\uFFFD[31m way\n"));
  }

  @Test
  void a_refusal_of_another_service_is_none_of_a_broker() {
    broker.refusing(
        Status.PERMISSION_DENIED.withDescription("denied"),
        ErrorInfo.newBuilder().setDomain("proxy.example").setReason("RBAC").build());

    assertThat(run("status"))
        .isEqualTo(new Ran(69, "", "token-broker: the broker does not answer: status 7 denied\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "diff", "promote", "rollback"})
  void no_control_character_of_an_answer_reaches_the_terminal(String action) {
    String evil = "a\u001B[2Jb\nc\u202Ed\u009B";
    broker.with(
        Rollout.newBuilder()
            .setRevision(evil)
            .setCandidateRevision(evil)
            .addKept(
                KeptRevision.newBuilder()
                    .setRevision(evil)
                    .setAction(evil)
                    .setBy(evil)
                    .setReason(evil))
            .addProblems(evil)
            .build());
    broker.with(
        RevisionDiff.newBuilder()
            .setFrom(evil)
            .setTo(evil)
            .addEntries(
                EntryDiff.newBuilder()
                    .setSection(evil)
                    .setName(evil)
                    .setChange(evil)
                    .setFromPlace(evil)
                    .addValues(ValueDiff.newBuilder().setPath(evil).setFrom(evil).setToPlace(evil)))
            .build());

    for (String form : new String[] {"", "--json"}) {
      String[] args = form.isEmpty() ? complete(action) : with(complete(action), form);
      assertThat(run(args).out().chars())
          .as(action + " " + form)
          .noneMatch(c -> c != '\n' && (Character.isISOControl(c) || c == 0x202E));
    }
  }

  @Test
  void json_keeps_the_characters_that_it_escapes() {
    broker.with(Rollout.newBuilder().addProblems("a\u202Eb\u009Bc").build());

    assertThat(new JsonObject(run("status", "--json").out()).getJsonArray("problems").getString(0))
        .isEqualTo("a\u202Eb\u009Bc");
  }

  @Test
  void a_time_that_is_none_is_no_brokers() {
    broker.with(
        Rollout.newBuilder()
            .addKept(
                KeptRevision.newBuilder()
                    .setTime(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)))
            .build());

    assertThat(run("status")).isEqualTo(noBroker(broker.address()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "diff", "promote", "rollback"})
  void a_message_that_is_none_of_a_broker_is_told_in_one_line(String action) {
    Vertx vertx = Vertx.vertx();
    try {
      byte[] garbage = "<html></html>".getBytes(StandardCharsets.UTF_8);
      String address =
          LocalHttp.serve(
                  vertx,
                  asked ->
                      asked
                          .response()
                          .putHeader("content-type", "application/grpc")
                          .putTrailer("grpc-status", "0")
                          .end(
                              Buffer.buffer()
                                  .appendByte((byte) 0)
                                  .appendInt(garbage.length)
                                  .appendBytes(garbage)))
              .getAuthority();

      assertThat(
              new Shell().run(with(with("rollout"), with(complete(action), "--broker", address))))
          .isEqualTo(noBroker(address));
    } finally {
      LocalHttp.get(vertx.close());
    }
  }

  @Test
  void a_broker_that_is_not_there_is_told_in_one_line() {
    assertThat(new Shell().run("rollout", "status", "--broker", "localhost:1"))
        .isEqualTo(
            new Ran(
                69,
                "",
                "token-broker: the broker at localhost:1 cannot be reached over gRPC: the connection was"
                    + " refused\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rollout | rollout: give status, diff, promote or rollback; see 'token-broker rollout --help'",
        "rollout restart | rollout: there is no such command; see 'token-broker rollout --help'",
        "rollout status | rollout status: --broker is missing; see 'token-broker rollout status --help'",
        "rollout status now | rollout status: there is an argument too many; see 'token-broker rollout status --help'",
        "rollout status --broker a | rollout status: --broker must be host:port, such as localhost:9000; see 'token-broker rollout status --help'",
        "rollout diff --from 12ab --broker a:1 | rollout diff: --from must be a whole revision of 64 hexadecimal digits, as rollout status shows it; see 'token-broker rollout diff --help'",
        "rollout diff --to HEAD --broker a:1 | rollout diff: --to must be a whole revision of 64 hexadecimal digits, as rollout status shows it; see 'token-broker rollout diff --help'",
        "rollout promote --broker a:1 | rollout promote: Missing required parameter: 'REVISION'; see 'token-broker rollout promote --help'",
        "rollout promote 12ab --reason x | rollout promote: REVISION must be a whole revision of 64 hexadecimal digits, as rollout status shows it; see 'token-broker rollout promote --help'",
        "rollout promote REV --broker a:1 | rollout promote: --reason is missing; see 'token-broker rollout promote --help'",
        "rollout rollback REV --broker a:1 --reason LONG | rollout rollback: --reason is longer than 256 characters; see 'token-broker rollout rollback --help'",
        "rollout rollback REV --reason x --tls | rollout rollback: --broker is missing; see 'token-broker rollout rollback --help'",
        "candidate | candidate: --broker is missing; see 'token-broker candidate --help'",
        "candidate --broker a:1 --timeout 3 | candidate: --timeout must be from 1ms to 1m, such as 3s; see 'token-broker candidate --help'",
      })
  void wrong_usage_is_told_in_one_line(String args, String line) {
    String[] given = args.replace("REV", ONE).replace("LONG", "x".repeat(257)).split(" ");

    assertThat(new Shell().run(given)).isEqualTo(new Ran(2, "", "token-broker " + line + "\n"));
  }

  @Test
  void an_operators_token_is_not_sent_in_clear_to_another_machine() {
    Ran ran =
        new Shell()
            .typing("x")
            .run("rollout", "status", "--broker", "192.0.2.1:80", "--authorization-file", "-");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).hasLineCount(1).contains("would cross the network in clear");
  }

  @Test
  void each_action_has_a_help() {
    assertThat(new Shell().run("rollout", "-h").out())
        .contains("  status ", "  diff ", "  promote ", "  rollback ");
    assertThat(new Shell().run("rollout", "promote", "-h").out())
        .startsWith("Usage: token-broker rollout promote ")
        .contains("--reason");
  }

  /** The action with the arguments that it needs. */
  private static String[] complete(String action) {
    return switch (action) {
      case "promote", "rollback" -> with(action, ONE, "--reason", "why");
      default -> with(action);
    };
  }

  private Ran run(String... args) {
    return new Shell().run(args(args));
  }

  private String[] args(String... args) {
    return with(with("rollout"), with(args, "--broker", broker.address()));
  }

  private static String[] with(String... args) {
    return args;
  }

  private static String[] with(String[] args, String... more) {
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
  }

  private static Ran noBroker(String address) {
    return new Ran(
        76, "", "token-broker: what answers at %s is no token broker\n".formatted(address));
  }
}
