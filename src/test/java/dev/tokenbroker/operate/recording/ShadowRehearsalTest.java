package dev.tokenbroker.operate.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.cases.Rehearsal;
import dev.tokenbroker.operate.cases.Rehearsals;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shadow rules in a rehearsal: they decide no case and no replayed request. */
class ShadowRehearsalTest {

  private static final String DOCUMENT =
      """
      issuers:
        - {name: github, issuer: 'https://token.actions.example', audiences: ['https://broker.example']}
      targets:
        - {audience: api, mint: {lifetime: 10m}}
      rules:
        - {name: trial, issuer: github, audience: api, when: 'claims.ref.startsWith("refs/")', shadow: true}
        - {name: deploy, issuer: github, audience: api, when: 'claims.team == "a"'}
      """;

  private static final String CASES =
      """
      identities:
        main: {issuer: github, claims: {sub: x, team: a, ref: refs/heads/main}}
        other: {like: main, claims: {team: b}}
      cases:
        - {name: x, identity: main, audience: api, expect: {accepted: deploy}}
      """;

  @TempDir Path directory;

  @Test
  void covers_a_document_without_its_shadow_rules() {
    Rehearsal rehearsal = Rehearsals.of(federation(DOCUMENT), CASES);

    assertThat(rehearsal.problems()).isEmpty();
    assertThat(rehearsal.passed()).isTrue();
    assertThat(rehearsal.coverage().tallies()).containsOnlyKeys("deploy");
    assertThat(rehearsal.coverage().uncovered()).isEmpty();
  }

  @Test
  void a_shadow_rule_accepts_no_pair_that_no_case_names() {
    Rehearsal rehearsal =
        Rehearsals.of(
            federation(DOCUMENT.replace("claims.team == \"a\"", "claims.team == \"c\"")),
            CASES.replace("accepted: deploy", "refused: NO_RULE_MATCHED"));

    assertThat(rehearsal.passed()).isTrue();
  }

  @Test
  void a_case_that_expects_a_shadow_rule_to_accept_is_a_problem() {
    assertThat(
            Rehearsals.of(federation(DOCUMENT), CASES.replace("deploy", "trial"))
                .problems()
                .stream()
                .map(Problem::toString))
        .containsExactly(
            "pay.cases.yaml:5: the rule 'trial' is a shadow rule, which accepts nothing. Name the"
                + " rule that decides, or remove 'shadow' from this one.");
  }

  @Test
  void a_shadow_rule_on_an_unknown_claim_does_not_change_a_replay() {
    Federation current = federation(DOCUMENT);

    assertThat(new Replay(current, current).judge(line(current)).change())
        .isEqualTo(CandidateEffect.UNCHANGED);
  }

  /** The ending tells which rule decided, but not whether a shadow rule before it held. */
  @Test
  void does_not_take_a_shadow_rule_for_one_that_did_not_hold() {
    Federation current = federation(DOCUMENT);
    Federation promoted = federation(DOCUMENT.replace(", shadow: true", ""));

    Replay.ReplayResult result = new Replay(promoted, current).judge(line(current));

    assertThat(result.change()).isEqualTo(CandidateEffect.NOT_REPLAYABLE);
    assertThat(result.after()).contains("rule trial", "'ref'");
  }

  @Test
  void shows_what_changes_when_a_rule_leaves_the_shadow() {
    Federation current = federation(DOCUMENT);
    Federation promoted = federation(DOCUMENT.replace(", shadow: true", ""));
    RecordedRequest.Line line =
        line(current, Map.of("sub", "x", "team", "a", "ref", "refs/heads/main"));

    assertThat(new Replay(promoted, current).judge(line).change())
        .isEqualTo(CandidateEffect.OTHER_RULE);
  }

  private Federation federation(String document) {
    return Rehearsals.federation(directory, document);
  }

  private static RecordedRequest.Line line(Federation current) {
    return line(current, Map.of("sub", "x", "team", "a"));
  }

  private static RecordedRequest.Line line(Federation current, Map<String, Object> claims) {
    Instant time = Instant.parse("2026-11-27T12:00:00Z");
    return new RecordedRequest.Line(
        new RecordedRequest(
            "github",
            "https://token.actions.example",
            null,
            "api",
            List.of(),
            false,
            false,
            claims,
            Set.of()),
        new RecordedRequest.Ending("deploy", null, current.revision()),
        1,
        time,
        time);
  }
}
