package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.rehearsal.ClaimMask;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code replay} says of one recorded request, in the clear and keyed. */
class ReplayCommandTest {

  private static final String RULE = "claims.team == \"a\"";

  @TempDir Path directory;

  // There before each test.
  @SuppressWarnings("NullAway.Init")
  private Path key;

  @BeforeEach
  void start() throws IOException {
    key = Files.writeString(directory.resolve("key"), "k".repeat(32));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        // condition of the candidate | change where claims are clear | change where they are keyed
        "claims.team == 'a'                          | unchanged      | unchanged",
        "claims.team == 'b'                          | newly-refused  | newly-refused",
        "claims.team in ['b', 'a']                   | unchanged      | unchanged",
        "claims.team != 'a'                          | newly-refused  | newly-refused",
        "claims.team == claims.owner                 | unchanged      | unchanged",
        "claims.team.startsWith('a')                 | unchanged      | unchanged",
        "claims.ref.startsWith('refs/')              | unchanged      | not-replayable",
        "claims.ref == 'refs/heads/main'             | unchanged      | unchanged",
        "claims.ref == 'refs/heads/other'            | newly-refused  | newly-refused",
        "'staff' in claims.groups                    | unchanged      | unchanged",
        "'others' in claims.groups                   | newly-refused  | newly-refused",
        "size(claims.groups) == 2                    | unchanged      | not-replayable",
        "claims.number == 5                          | unchanged      | unchanged",
        "claims.number > 4                           | unchanged      | not-replayable",
        "claims.flag == true                         | unchanged      | unchanged",
        "has(claims.gone)                            | newly-refused  | newly-refused",
        "has(claims.never) && claims.never == 'x'    | not-replayable | not-replayable",
        "claims.iss.startsWith('https://i.')         | unchanged      | unchanged",
        "claims.exp > 5                              | not-replayable | not-replayable",
        "claims[subject] == 'x'                      | not-replayable | not-replayable",
      })
  void the_change_by_a_condition(String condition, String clear, String keyed) throws IOException {
    Path current = document("current", RULE, "");
    Path candidate = document("candidate", condition, "");

    assertThat(change(recording(false, "a"), candidate, current)).isEqualTo(clear);
    assertThat(change(recording(true, "a"), candidate, current)).isEqualTo(keyed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "claims.team                       | unchanged      | unchanged",
        "claims.ref                        | other-grant    | not-replayable",
        "'\"x:\" + claims.team'            | other-grant    | not-replayable",
      })
  void the_change_by_a_subject(String subject, String clear, String keyed) throws IOException {
    Path current = document("current", RULE, ", subject: claims.team");
    Path candidate = document("candidate", RULE, ", subject: " + subject);

    assertThat(change(recording(false, "a"), candidate, current)).isEqualTo(clear);
    assertThat(change(recording(true, "a"), candidate, current))
        .isIn(keyed, keyed.equals("not-replayable") ? "other-grant" : keyed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "name: good  | name: renamed, disabled: true | newly-refused",
        "i.example'  | i.example/'                   | newly-refused",
        "[b.example] | [other.example]               | not-replayable",
      })
  void the_change_by_an_issuer(String text, String other, String change) throws IOException {
    Path current = document("current", RULE, "");
    Path candidate =
        Files.writeString(
            directory.resolve("candidate.yaml"),
            Files.readString(current)
                .replace(text, other)
                .replace(
                    "issuer: good",
                    other.contains("renamed") ? "issuer: renamed" : "issuer: good"));

    assertThat(change(recording(false, "a"), candidate, current)).isEqualTo(change);
  }

  @Test
  void an_issuer_that_only_has_another_name_changes_nothing() throws IOException {
    Path current = document("current", RULE, "");
    Path candidate =
        Files.writeString(
            directory.resolve("candidate.yaml"),
            Files.readString(current)
                .replace("name: good", "name: renamed")
                .replace("issuer: good", "issuer: renamed"));

    assertThat(change(recording(true, "a"), candidate, current)).isEqualTo("unchanged");
  }

  @Test
  void another_key_than_that_of_the_recording_is_refused() throws IOException {
    Path document = document("current", RULE, "");
    Path recording = recording(true, "a");
    key = Files.writeString(directory.resolve("key"), "x".repeat(32));

    Shell.Ran ran = replay(recording, document, document);

    assertThat(ran.code()).isEqualTo(65);
    assertThat(ran.err()).contains("--key-file is not the key of this recording");
  }

  @Test
  void a_change_of_one_claim_shows_what_bounds_a_rule_and_what_is_not_known() throws IOException {
    Path document =
        document("current", RULE + " && claims.ref.startsWith(\"refs/heads/main\")", "");

    assertThat(replay(recording(false, "a"), document, document, "--mutate").out())
        .contains("team                 bounds it")
        .contains("ref                  bounds it")
        .contains("flag                 1 of 1 still accepted with another value");
  }

  private String change(Path recording, Path candidate, Path current) {
    JsonObject counts =
        new JsonObject(replay(recording, candidate, current, "--json").out())
            .getJsonObject("counts");
    return counts.stream()
        .filter(change -> ((JsonObject) change.getValue()).getInteger("distinct") == 1)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("none");
  }

  private Shell.Ran replay(Path recording, Path candidate, Path current, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "replay",
                "--recording",
                recording.toString(),
                "--candidate",
                candidate.toString(),
                "--current",
                current.toString(),
                "--key-file",
                key.toString()));
    args.addAll(List.of(more));
    return new Shell().run(args.toArray(String[]::new));
  }

  private Path document(String name, String condition, String more) throws IOException {
    return Files.writeString(
        directory.resolve(name + ".yaml"),
        """
        issuers:
          - {name: good, issuer: 'https://i.example', audiences: [b.example]}
        targets:
          - {audience: api, mint: {lifetime: 5m}}
        rules:
          - {name: rule, issuer: good, audience: api, when: '%s'%s, scopes: [read]}
        """
            .formatted(condition.replace("'", "''"), more));
  }

  private Path recording(boolean keyed, String team) throws IOException {
    Map<String, Object> claims =
        Map.of(
            "team",
            team,
            "owner",
            team,
            "ref",
            "refs/heads/main",
            "groups",
            List.of("staff", "x"),
            "number",
            5L,
            "flag",
            true,
            "sub",
            "user-1");
    JsonObject clear = new JsonObject();
    JsonObject masked = new JsonObject();
    ClaimMask mask = ClaimMask.load(key);
    claims.forEach(
        (name, value) -> {
          // One claim stays clear, so that it can be compared with a keyed one.
          if (keyed && !name.equals("owner")) {
            masked.put(name, mask.of(value));
          } else {
            clear.put(name, value);
          }
        });
    JsonObject head = new JsonObject().put("token_broker_recording", 1);
    if (keyed) {
      head.put("key_check", mask.check());
    }
    JsonObject line =
        new JsonObject()
            .put("issuer", "good")
            .put("iss", "https://i.example")
            .put("target", "api")
            .put("scopes", new JsonArray())
            .put("certificate", false)
            .put("dpop", false)
            .put("claims", clear)
            .put("keyed", masked)
            .put("absent", new JsonArray().add("gone"))
            .put("outcome", "accepted")
            .put("rule", "rule")
            .put("revision", "of another document")
            .put("count", 3)
            .put("first", "2026-11-27T12:00:00Z")
            .put("last", "2026-11-27T12:00:00Z");
    return Files.writeString(
        directory.resolve("recording.jsonl"), head.encode() + "\n" + line.encode() + "\n");
  }
}
