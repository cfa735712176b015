package dev.tokenbroker.operate.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The claims of an identity reach the rules as those of a credential do, with their types. */
class ClaimsOfCasesTest {

  private static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://token.actions.example', audiences: [b, a], leeway: 30s}
      targets:
        - {audience: bearer, mint: {lifetime: 10m}}
        - {audience: dpop, mint: {lifetime: 10m, bind: dpop}}
        - {audience: certificate, mint: {lifetime: 10m, bind: certificate}}
        - {audience: any, mint: {lifetime: 10m, bind: any}}
      rules:
        - name: bearer
          issuer: github
          audience: bearer
          when: |
            %s
          claims: {seen: '%s'}
        - {name: dpop, issuer: github, audience: dpop, when: 'claims.sub == "prover"'}
        - {name: certificate, issuer: github, audience: certificate, when: 'claims.sub == "prover"'}
        - {name: any, issuer: github, audience: any, when: 'claims.sub == "prover"'}
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'42'                     | claims.it == '42'                       | true",
        "\"42\"                   | claims.it == '42'                       | true",
        "42                       | claims.it == 42                         | true",
        "42                       | claims.it == '42'                       | false",
        "'42'                     | claims.it == 42                         | false",
        "042                      | claims.it == '042'                      | true",
        "-9223372036854775808     | claims.it == -9223372036854775808       | true",
        "9223372036854775807      | claims.it == 9223372036854775807        | true",
        "1.5                      | claims.it == 1.5                        | true",
        "1.5                      | claims.it == '1.5'                      | false",
        "1e3                      | claims.it == 1000.0                     | true",
        ".5                       | claims.it == '.5'                       | true",
        "0x10                     | claims.it == '0x10'                     | true",
        "1_000                    | claims.it == '1_000'                    | true",
        "true                     | claims.it == true                       | true",
        "false                    | claims.it == false                      | true",
        "'true'                   | claims.it == true                       | false",
        "'true'                   | claims.it == 'true'                     | true",
        "yes                      | claims.it == 'yes'                      | true",
        "no                       | claims.it == 'no'                       | true",
        "2026-11-28               | claims.it == '2026-11-28'               | true",
        "''                       | claims.it == ''                         | true",
        "[a, '1', 1, 1.5, true]   | claims.it == ['a', '1', 1, 1.5, true]   | true",
        "[1]                      | 1 in claims.it                          | true",
        "['1']                    | 1 in claims.it                          | false",
        "[]                       | claims.it.size() == 0                   | true",
        "{a: {b: [1]}}            | claims.it.a.b[0] == 1                   | true",
        "{a: 'true'}              | claims.it.a == true                     | false",
        "{}                       | claims.it.size() == 0                   | true",
        "null                     | has(claims.it)                          | false",
        "~                        | has(claims.it)                          | false",
        "'null'                   | claims.it == 'null'                     | true",
      })
  void a_claim_has_the_type_that_it_is_written_in(String written, String condition, boolean holds) {
    assertThat(granted(condition, "it: " + written)).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "person | gateway | accepted: by-gateway",
        "person | mesh    | refused: CLIENT_NOT_ADMITTED",
        "person | ''      | refused: CLIENT_NOT_ADMITTED",
        "job    | ''      | accepted: by-job",
        "job    | gateway | accepted: by-gateway",
      })
  void a_case_is_judged_by_the_client_that_it_names(String identity, String client, String end) {
    assertThat(ofClients(identity, client, end).passed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"off, CLIENT_DISABLED", "idle, CLIENT_NOT_PERMITTED", "none, CLIENT_UNAUTHENTICATED"})
  void a_case_cannot_name_a_client_that_may_not_exchange(String client, String reason) {
    assertThat(ofClients("person", client, "refused: CLIENT_NOT_ADMITTED").problems())
        .singleElement()
        .asString()
        .contains("the client '" + client + "' is refused before any rule: " + reason);
  }

  private Rehearsal ofClients(String identity, String client, String end) {
    String thumbprint = "4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
    String document =
        """
        issuers: [{name: github, issuer: 'https://token.actions.example', audiences: [a]}]
        clients:
          - {name: gateway, certificates: [A%1$s], may: [exchange]}
          - {name: mesh, certificates: [B%1$s], may: [exchange]}
          - {name: 'off', certificates: [C%1$s], may: [exchange], disabled: true}
          - {name: idle, certificates: [D%1$s]}
          - {name: job, issuer: github, subject: job, may: [exchange]}
        targets: [{audience: api}]
        rules:
          - {name: by-gateway, issuer: github, client: gateway, audience: api, when: client == "gateway"}
          - {name: by-job, client: job, audience: api, when: 'true'}
        """
            .formatted(thumbprint);
    String cases =
        """
        identities:
          %1$s: {issuer: github, claims: {sub: %1$s}}
        cases:
          - {name: a, identity: %1$s, %2$saudience: api, expect: {%3$s}}
        """
            .formatted(identity, client.isEmpty() ? "" : "client: " + client + ", ", end);
    return Rehearsals.of(Rehearsals.federation(directory, document), cases);
  }

  @Test
  void an_heir_may_change_add_and_remove_claims() {
    String file =
        """
        identities:
          a: {like: b, claims: {two: 22, three: 3, one: null}}
          b: {like: c, claims: {two: "2"}}
          c: {issuer: github, claims: {sub: c, one: 1, two: 2}}
        cases:
          - {name: a, identity: a, audience: bearer, expect: {accepted: bearer}}
        """;
    assertThat(
            passes(
                "claims.sub == 'c' && claims.two == 22 && claims.three == 3 && !has(claims.one)",
                file))
        .isTrue();
  }

  @Test
  void registered_claims_have_defaults_that_rest_on_the_frozen_time() {
    assertThat(
            granted(
                "claims.iss == 'https://token.actions.example' && claims.aud == 'a' && claims.iat =="
                    + " 1795867200 && claims.exp == 1795867800 && !has(claims.nbf)",
                "it: 1"))
        .isTrue();
  }

  @Test
  void registered_claims_of_the_file_stand() {
    assertThat(
            granted(
                "claims.aud == ['b', 'c'] && claims.iat == 1795867000 && claims.exp == 1795867201.5",
                "aud: [b, c], iat: 1795867000, exp: 1795867201.5"))
        .isTrue();
  }

  /** The clock of the test is at another time. */
  @Test
  void without_now_the_present_counts_in_whole_seconds() {
    String file =
        """
        identities:
          main: {issuer: github, claims: {sub: a}}
        cases:
          - {name: a, identity: main, audience: bearer, expect: {accepted: bearer, lifetime: 10m}}
        """;
    assertThat(passes("claims.exp == claims.iat + 600 && claims.iat != 1795867200", file)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "exp: 1795867260, 1m",
    "exp: 1795870800, 10m",
    "exp: 1795867195, 25s", // within the leeway, it ends with the leeway
  })
  void a_token_ends_with_its_credential(String claims, String lifetime) {
    String file =
        """
        now: 2026-11-28T12:00:00Z
        identities:
          main: {issuer: github, claims: {sub: a, %s}}
        cases:
          - {name: a, identity: main, audience: bearer, expect: {accepted: bearer, lifetime: %s}}
        """
            .formatted(claims, lifetime);
    assertThat(passes("true", file)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "bearer,      '',          accepted: bearer",
    "bearer,      dpop,        accepted: bearer",
    "dpop,        '',          refused: DPOP_PROOF_REQUIRED",
    "dpop,        certificate, refused: DPOP_PROOF_REQUIRED",
    "dpop,        dpop,        accepted: dpop",
    "certificate, '',          refused: CERTIFICATE_REQUIRED",
    "certificate, dpop,        refused: CERTIFICATE_REQUIRED",
    "certificate, certificate, accepted: certificate",
    "any,         dpop,        accepted: any",
    "any,         certificate, accepted: any",
  })
  void a_case_says_which_key_the_caller_has_proved(
      String audience, String proved, String expected) {
    String file =
        """
        identities:
          prover: {issuer: github, claims: {sub: prover}}
        cases:
          - {name: a, identity: prover, audience: %s, %s expect: {%s}}
        """
            .formatted(audience, proved.isEmpty() ? "" : "proved: " + proved + ",", expected);
    List<CaseReport.Pair> pairs = judged("true", file).reports().getFirst().pairs();
    assertThat(pairs.getFirst().differences()).isEmpty();
  }

  /** A rule that asks for a proof admits the pair nevertheless. */
  @Test
  void a_pair_that_no_case_names_is_tried_with_every_key() {
    String file =
        """
        identities:
          prover: {issuer: github, claims: {sub: prover}}
        cases:
          - {name: a, identity: prover, audience: bearer, expect: {accepted: bearer}}
        """;
    assertThat(judged("true", file).reports().getFirst().failed())
        .extracting(CaseReport.Pair::audience)
        .containsExactly("dpop", "certificate", "any");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'\"42\"'  | '42' | true",
        "'\"42\"'  | 42   | false",
        "'42'      | 42   | true",
        "'42'      | 42.0 | false",
        "'1.5'     | 1.5  | true",
        "'true'    | true | true",
        "'[1, 2]'  | [1, 2] | true",
        "'[1, 2]'  | [1, '2'] | false",
        "'{\"a\": 1}' | {a: 1} | true",
      })
  void expected_claims_are_compared_with_their_types(
      String expression, String expected, boolean same) {
    String file =
        """
        identities:
          main: {issuer: github, claims: {sub: a}}
        cases:
          - {name: a, identity: main, audience: bearer, expect: {accepted: bearer, claims: {seen: %s}}}
        """
            .formatted(expected);
    String document = FEDERATION.formatted("true", "it").replace("'it'", expression);
    assertThat(Rehearsals.of(Rehearsals.federation(directory, document), file).passed())
        .isEqualTo(same);
  }

  private boolean granted(String condition, String claims) {
    String file =
        """
        now: 2026-11-28T12:00:00Z
        identities:
          main: {issuer: github, claims: {sub: a, %s}}
        cases:
          - {name: a, identity: main, audience: bearer, expect: {accepted: bearer}}
        """
            .formatted(claims);
    return passes(condition, file);
  }

  private boolean passes(String condition, String file) {
    return judged(condition, file).passed();
  }

  private Rehearsal judged(String condition, String file) {
    String document = FEDERATION.formatted(condition, "claims.sub");
    Rehearsal rehearsal = Rehearsals.of(Rehearsals.federation(directory, document), file);
    assertThat(rehearsal.problems()).isEmpty();
    return rehearsal;
  }
}
