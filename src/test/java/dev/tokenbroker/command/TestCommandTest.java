package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCommandTest {

  private static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://token.actions.example', audiences: ['https://broker.example']}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
        - {audience: orders, mint: {lifetime: 5m, bind: dpop}}
      rules:
        - name: deploy-payments
          issuer: github
          audience: payments-api
          when: claims.repository_id == "42" && claims.ref == "refs/heads/main"
          subject: '"repo:" + claims.repository'
          scopes: [deploy, read]
        - {name: orders, issuer: github, audience: orders, when: claims.repository_id == "42", scopes: [read]}
      """;

  private static final String IDENTITIES =
      """
      now: 2026-11-27T12:00:00Z
      identities:
        main:
          issuer: github
          claims: {sub: "repo:acme/pay", repository: acme/pay, repository_id: "42", ref: refs/heads/main}
        fork: {like: main, claims: {repository_id: "43"}}
      """;

  @TempDir Path directory;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(directory.resolve("federation.yaml"), FEDERATION);
  }

  @Test
  void shows_each_case_and_counts_pairs_that_are_refused_unlisted() throws IOException {
    Path file =
        cases(
            """
            cases:
              - name: main deploys
                identity: main
                audience: payments-api
                expect: {accepted: deploy-payments, subject: "repo:acme/pay", scopes: [read, deploy], lifetime: 10m}
              - {name: orders with a proof, identity: main, audience: orders, proved: dpop, expect: {accepted: orders}}
            """);

    Shell.Ran ran = new Shell().run("test", file.toString());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .endsWith(
            """
            ├─ ✓ main deploys: main → payments-api
            ├─ ✓ orders with a proof: main → orders
            └─ - refused, since no case names them: 4 pairs
            6 pairs, all as expected
            %s: 2 of 2 rules covered
            """
                .formatted(directory.resolve("federation.yaml")));
    assertThat(ran.code()).isZero();
  }

  @Test
  void shows_what_came_out_otherwise_and_that_an_unlisted_pair_is_accepted() throws IOException {
    Path file =
        cases(
            """
            cases:
              - {name: main deploys, identity: main, audience: payments-api, expect: {accepted: orders}}
              - {name: a fork deploys, identity: fork, audience: payments-api, expect: {accepted: deploy-payments}}
            """);

    Shell.Ran ran = new Shell().run("test", file.toString());

    assertThat(ran.out())
        .contains(
            """
            ├─ ✗ main deploys: main → payments-api
            │  └─ rule      expected orders, got deploy-payments
            ├─ ✗ a fork deploys: fork → payments-api
            │  ├─ outcome   expected accepted by deploy-payments, got refused: NO_RULE_MATCHED
            │  ├─ step      rule: sub repo:acme/pay
            │  └─ note      rule deploy-payments does not hold
            ├─ ✗ (not listed): main → orders
            │  └─ outcome   expected refused, since no case names this pair, got accepted by orders
            """);
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void ends_with_65_and_judges_nothing_where_a_file_is_wrong() throws IOException {
    Path file =
        cases("cases:\n  - {name: x, identity: mine, audience: a, expect: {refused: EXPIRED}}\n");

    Shell.Ran ran = new Shell().run("test", file.toString());

    assertThat(ran.code()).isEqualTo(65);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .contains("pay.cases.yaml:8: there is no identity 'mine'.")
        .contains("pay.cases.yaml:8: no judged step refuses for 'EXPIRED'. Name one of ");
  }

  private Path cases(String cases) throws IOException {
    return Files.writeString(directory.resolve("pay.cases.yaml"), IDENTITIES + cases);
  }
}
