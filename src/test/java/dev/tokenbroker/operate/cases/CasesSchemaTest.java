package dev.tokenbroker.operate.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.evaluate.federation.Documented;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.DurationBounds;
import dev.tokenbroker.operate.cases.CaseFile.Proved;
import dev.tokenbroker.schema.DocumentSchema;
import dev.tokenbroker.schema.Mutations;
import dev.tokenbroker.schema.Mutations.Mutant;
import dev.tokenbroker.schema.Unseen;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the schema of case files and their reader together: what the reader takes is valid, and
 * what is structurally wrong is not. {@code -Dfuzz.mutations=…} tries more mutations, {@code
 * -Dfuzz.seed=…} those of an earlier run.
 */
@Tag("drawn")
class CasesSchemaTest {

  private static final long SEED = Long.getLong("fuzz.seed", 20261128L);
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final DocumentSchema SCHEMA = DocumentSchema.named("cases");

  /** A case file with every key. */
  private static final String FULL =
      """
      federation: federation.yaml
      now: 2026-11-27T12:00:00Z
      identities:
        main:
          issuer: github
          claims:
            sub: repo:acme/pay
            repository_id: "42"
            run: 7
            ratio: 0.5
            big: 1e30
            admin: false
            groups: [a, 1, {b: [c]}]
            actor: {login: root}
        fork: {like: main, claims: {repository_id: "43", run: }}
        7: {issuer: 8, like: fork}
      cases:
        - name: main deploys
          identity: main
          audience: payments-api
          scopes: [deploy, 1]
          lifetime: 10m
          proved: dpop
          expect:
            accepted: deploy-payments
            subject: repo:acme/pay
            scopes: [read, deploy]
            claims: {run: 7, team: [a], none: }
            lifetime: PT10M
        - name: forks do not
          identities: [fork, 7]
          audiences: [payments-api, orders]
          proved: certificate
          expect: {refused: no_rule_matched}
        - {name: none, identity: 7, audience: 42, expect: {refused: TARGET_UNKNOWN}}
      """;

  @Test
  void has_the_words_of_the_reader() {
    assertThat(SCHEMA.texts("/definitions/case/properties/proved/enum"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Proved.values())
                .filter(proved -> proved != Proved.NONE)
                .map(proved -> proved.name().toLowerCase(Locale.ROOT))
                .toList());
    String refused = "/definitions/case/properties/expect/properties/refused/anyOf";
    List<String> reasons = ExpectationReader.REASONS.stream().map(Enum::name).toList();
    assertThat(SCHEMA.texts(refused + "/0/enum")).containsExactlyInAnyOrderElementsOf(reasons);
    String anyCase = SCHEMA.at(refused + "/1/pattern").asText();
    assertThat(anyCase.split("\\|", -1)).hasSameSizeAs(reasons);
    assertThat(reasons)
        .allSatisfy(reason -> assertThat(reason.toLowerCase(Locale.ROOT)).matches(anyCase));
  }

  @Test
  void has_the_lifetimes_of_the_reader() {
    for (String lifetime : List.of("lifetime", "expect/properties/lifetime")) {
      DurationBounds.of(SCHEMA, "/definitions/case/properties/" + lifetime)
          .assertAre(CaseFileReader.SHORTEST, CaseFileReader.LONGEST);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-28T12:00:00Z",
        "2026-11-28t12:00:00z",
        "2026-11-28T12:00:00.123456789Z",
        "2026-11-28T12:00:00+01:00",
        "2026-11-28T24:00:00Z",
        "+12026-11-28T12:00:00Z",
        "2026-11-28T24:00:00.000Z",
        "2026-11-28T24:00:00.1Z",
        "2026-11-28T24:00:01Z",
        "2026-11-28T23:59:60.5-03:00",
        "2026-11-28T12:00:60Z",
        "2026-11-28T12:00:00.Z",
        "2026-11-28T12:00:00-17:59:59",
        "2026-11-28T12:00:00+18:00:00",
        "2026-11-28T12:00:00+18:00:01",
        "2026-11-28T12:00:00+01:60",
        "2026-11-28T12:00:00+01:00:60",
        "2026-11-28T12:00:00+0100",
        "+02026-11-28T12:00:00Z",
        "+0000002026-11-28T12:00:00Z",
        "+00000002026-11-28T12:00:00Z",
        "+2026-11-28T12:00:00Z",
        "02026-11-28T12:00:00Z",
        "-2026-11-28T12:00:00Z",
        "1969-12-31T23:59:59.999Z",
        "1969-12-31T24:00:00Z",
        "1969-12-31T24:00:00+00:00",
        "1969-12-31T24:00:00+00:01",
        "1969-12-31T23:59:00-00:00",
        "1969-12-31T23:59:00-00:01",
        "1970-01-01T00:00:00Z",
        "1970-01-01T01:00:00+01:00",
        "9998-12-31T23:59:59Z",
        "9998-12-31T23:59:59.000-00:00",
        "9998-12-31T23:59:60Z",
        "9998-12-31T23:59:59.001Z",
        "9998-12-31T23:59:60.001Z",
        "9998-12-31T24:00:00Z",
        "9998-12-31T24:00:00+00:00",
        "9999-01-01T00:00:00Z",
        "9999-01-01T00:00:00+00:00",
        "9999-01-01T00:00:00+01:00",
        "9999-01-01T00:00:00-01:00",
        "9999-01-02T00:00:00+18:00",
        "0000-01-01T00:00:00Z",
        "2026-11-28",
        "2026-11-28T12:00Z",
        "2026-11-28 12:00:00Z",
        "2026-13-28T12:00:00Z",
        "2026-11-28T12:00:00",
        "2026-11-28T25:00:00Z",
        "2026-11-28T12:00:00.1234567890Z",
        "now",
      })
  void agrees_on_times(String now) {
    String file = FULL.replaceFirst("now: .*", "now: '" + now + "'");

    assertThat(SCHEMA.faults(file).isEmpty()).isEqualTo(problems(file).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(ints = {1969, 1970, 1972, 2000, 2026, 2028, 2100, 9996, 9998, 9999})
  void agrees_on_days(int year) {
    for (int month = 0; month <= 13; month++) {
      for (int day : new int[] {0, 1, 9, 10, 20, 28, 29, 30, 31, 32}) {
        String now = "%d-%02d-%02dT12:00:00Z".formatted(year, month, day);
        String file =
            """
            now: '%s'
            identities: {a: {issuer: b, claims: {sub: c}}}
            cases: [{name: d, identity: a, audience: e, expect: {accepted: f}}]
            """
                .formatted(now);

        assertThat(SCHEMA.faults(file).isEmpty()).as(now).isEqualTo(problems(file).isEmpty());
      }
    }
  }

  /** What no schema sees: the first and last moment in another zone than UTC. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1969-12-31T22:59:59-01:00",
        "1970-01-01T00:00:00+01:00",
        "9998-12-31T23:00:00-01:00",
        "9999-01-01T01:00:00+01:00",
      })
  void takes_times_out_of_bounds_in_another_zone(String now) {
    String file = FULL.replaceFirst("now: .*", "now: '" + now + "'");

    assertThat(SCHEMA.faults(file)).isEmpty();
    assertThat(problems(file)).isNotEmpty();
    assertThat(Unseen.isStructural(problems(file))).isFalse();
  }

  @Test
  void takes_documented_files() throws IOException {
    assertThat(Documented.caseFiles())
        .isNotEmpty()
        .allSatisfy(
            file -> {
              assertThat(problems(file)).isEmpty();
              assertThat(SCHEMA.faults(file)).isEmpty();
            });
  }

  @Test
  void takes_a_file_with_every_key() {
    JsonNode file = DocumentSchema.seen(FULL).orElseThrow();

    assertThat(problems(FULL)).isEmpty();
    assertThat(SCHEMA.faults(file)).isEmpty();
    assertThat(file.properties()).hasSameSizeAs(SCHEMA.keys(""));
    assertThat(file.at("/cases/0/expect").size() + 1)
        .isEqualTo(SCHEMA.keys("/definitions/case/properties/expect").size());
  }

  /** What the schema refuses although the reader takes it: text that editors take for a number. */
  @ParameterizedTest
  @CsvSource({"sub: 007", "sub: 0x1F", "sub: +1", "sub: .5", "sub: True"})
  void warns_of_a_subject_that_looks_like_a_number(String claim) {
    String file = FULL.replace("sub: repo:acme/pay\n", claim + "\n");

    assertThat(problems(file)).isEmpty();
    assertThat(SCHEMA.faults(file)).isNotEmpty();
  }

  @Test
  void agrees_with_the_reader_on_each_telling_change() {
    Mutations mutations = new Mutations(DocumentSchema.seen(FULL).orElseThrow());

    assertThat(mutations.telling("").filter(CasesSchemaTest::takenByBoth).count())
        .isGreaterThan(33);
  }

  @Tag("whole")
  @Test
  void agrees_with_the_reader_on_each_single_change() {
    Mutations mutations = new Mutations(DocumentSchema.seen(FULL).orElseThrow());

    assertThat(mutations.single("").filter(CasesSchemaTest::takenByBoth).count())
        .isGreaterThan(300);
  }

  @Test
  void agrees_with_the_reader_on_several_changes() {
    System.out.printf("CasesSchemaTest: %d mutations, seed %d%n", MUTATIONS, SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    Mutations mutations = new Mutations(DocumentSchema.seen(FULL).orElseThrow());

    long taken =
        Stream.generate(() -> mutations.several(random))
            .limit(MUTATIONS)
            .filter(CasesSchemaTest::takenByBoth)
            .count();

    assertThat(taken).isGreaterThan(MUTATIONS * 2L / 25);
  }

  private static boolean takenByBoth(Mutant mutant) {
    return SCHEMA.takenByBoth(mutant, problems(mutant.text()));
  }

  private static List<Problem> problems(String file) {
    Problems problems = new Problems();
    new CaseFileReader(problems).read(new Source("x.cases.yaml", file));
    return problems.sorted();
  }
}
