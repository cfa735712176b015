package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code replay} says of one recorded request. */
class ReplayCommandTest {

  private static final String RULE = "claims.team == \"a\"";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        // condition of the candidate | change
        "claims.team == 'a'                          | unchanged",
        "claims.team == 'b'                          | newly-refused",
        "claims.ref.startsWith('refs/')              | unchanged",
        "'staff' in claims.groups                    | unchanged",
        "size(claims.groups) == 2                    | unchanged",
        "claims.number > 4                           | unchanged",
        "has(claims.gone)                            | newly-refused",
        "has(claims.never) && claims.never == 'x'    | not-replayable",
        "claims.iss.startsWith('https://i.')         | unchanged",
        "claims.exp > 5                              | not-replayable",
        "claims[subject] == 'x'                      | not-replayable",
      })
  void the_change_by_a_condition(String condition, String change) throws IOException {
    Path current = document("current", RULE, "");
    Path candidate = document("candidate", condition, "");

    assertThat(change(recording(), candidate, current)).isEqualTo(change);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "claims.team                       | unchanged",
        "claims.ref                        | other-grant",
        "'\"x:\" + claims.team'            | other-grant",
        "claims.never                      | not-replayable",
      })
  void the_change_by_a_subject(String subject, String change) throws IOException {
    Path current = document("current", RULE, ", subject: claims.team");
    Path candidate = document("candidate", RULE, ", subject: " + subject);

    assertThat(change(recording(), candidate, current)).isEqualTo(change);
  }

  /** Rules after the one that decides are not tried. */
  @ParameterizedTest
  @CsvSource({"true, unchanged", "false, not-replayable"})
  void the_change_by_another_rule_that_reads_an_unknown_claim(boolean later, String change)
      throws IOException {
    Path current = document("current", RULE, "");
    String text = Files.readString(current);
    String unknown = "  - {name: new, issuer: good, audience: api, when: claims.never == \"x\"}\n";
    String others = later ? text + unknown : text.replace("rules:\n", "rules:\n" + unknown);
    Path candidate = Files.writeString(directory.resolve("candidate.yaml"), others);

    assertThat(change(recording(), candidate, current)).isEqualTo(change);
  }

  @ParameterizedTest
  @CsvSource({
    "${claims.team}, unchanged",
    "${subject}, unchanged",
    "${claims.number}, newly-refused",
    "${claims.gone}, newly-refused",
    "${claims.never}, not-replayable",
  })
  void the_change_by_a_session_of_aws(String value, String change) throws IOException {
    Path current = document("current", RULE, ", outliveCredential: true");
    String minted = Files.readString(current).replace(", scopes: [read]", "");
    Files.writeString(current, minted);
    Path candidate =
        Files.writeString(
            directory.resolve("candidate.yaml"),
            minted.replace(
                "mint: {lifetime: 5m}",
                "aws: {role: 'arn:aws:iam::123456789012:role/a', region: eu-central-1,"
                    + " policy: {Statement: [{Resource: '%s'}]}}".formatted(value)));

    assertThat(change(recording(), candidate, current)).isEqualTo(change);
    assertThat(change(recording(), candidate, candidate))
        .isEqualTo(change.equals("not-replayable") ? change : "unchanged");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "name: good  | name: renamed                 | unchanged",
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

    assertThat(change(recording(), candidate, current)).isEqualTo(change);
  }

  private static String change(Path recording, Path candidate, Path current) {
    JsonObject counts =
        new JsonObject(replay(recording, candidate, current)).getJsonObject("counts");
    return counts.stream()
        .filter(change -> ((JsonObject) change.getValue()).getInteger("distinct") == 1)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("none");
  }

  private static String replay(Path recording, Path candidate, Path current) {
    return new Shell()
        .line(
            "replay --json --recording %s --candidate %s --current %s"
                .formatted(recording, candidate, current))
        .out();
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

  private Path recording() throws IOException {
    JsonObject line =
        new JsonObject(
            """
            {"issuer": "good", "iss": "https://i.example", "target": "api", "scopes": [],
             "certificate": false, "dpop": false, "absent": ["gone"],
             "claims": {"team": "a", "ref": "refs/heads/main", "groups": ["staff", "x"], "number": 5,
               "sub": "user-1"},
             "outcome": "accepted", "rule": "rule", "revision": "of another document", "count": 3,
             "first": "2026-11-27T12:00:00Z", "last": "2026-11-27T12:00:00Z"}
            """);
    return Files.writeString(
        directory.resolve("recording.jsonl"),
        "{\"token_broker_recording\":1}\n" + line.encode() + "\n");
  }
}
