package dev.tokenbroker.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimTemplateTest {

  private static final long SEED = 20_261_128;

  /** Separators, words, and values that must not be shown. */
  private static final List<String> PARTS =
      List.of(
          ":",
          "/",
          "@",
          "|",
          "://",
          "?",
          "#",
          "=",
          " ",
          "\n",
          ".",
          "-",
          "repo",
          "ref",
          "refs",
          "heads",
          "org",
          "auth0",
          "clients",
          "https",
          "spiffe",
          "ns",
          "serviceaccount",
          "hush",
          "Hush.example",
          "4711",
          "0f8fad5b-d9cb-469f-a165-70867728950e",
          "deadbeef00000000",
          "é",
          "<",
          ">",
          "{",
          "\u202e",
          "eyJhbGciOiJIUzI1NiJ9");

  private static final Pattern MASKED =
      Pattern.compile(
          "(?:<(?:name|digits|hex|uuid|host|path|empty)>|[:/@|]|repo|refs?|heads|org|auth0|clients"
              + "|https|spiffe|ns|serviceaccount)*(?:<[a-z]*)?…?");

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          repo:octo-org/octo-repo:ref:refs/heads/main => repo:<name>/<name>:ref:refs/heads/<name>
          repo:octo-org/octo-repo:ref:refs/heads/fix/a@b#12/c => repo:<name>/<name>:ref:refs/heads/<name>
          repo:octo-org/octo-repo:ref:refs/tags/v1.2.3 => repo:<name>/<name>:ref:refs/tags/<name>
          repo:octo-org/octo-repo:pull_request => repo:<name>/<name>:pull_request
          repo:octo-org/octo-repo:environment:Prod%20East/1 => repo:<name>/<name>:environment:<name>
          repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main => repo:<name>@<digits>/<name>@<digits>:ref:refs/heads/<name>
          repo:octo-org@123456/octo-repo@456789:pull_request => repo:<name>@<digits>/<name>@<digits>:pull_request
          repo:octo-org-123456/octo-repo-456789:pull_request => repo:<name>/<name>:pull_request
          repo:ref/heads:ref:refs/heads/refs/tags/x => repo:<name>/<name>:ref:refs/heads/<name>
          repo:2048/2048:ref:refs/heads/2048 => repo:<name>/<name>:ref:refs/heads/<name>
          repo:o/r:job_workflow_ref:o/a/.github/workflows/w.yml@refs/heads/main => repo:<name>/<name>:job_workflow_ref:<name>/<name>@refs/heads/<name>
          repository_owner_id:65:repository_visibility:private => repository_owner_id:<digits>:repository_visibility:<name>
          project_path:my-group/my-project:ref_type:branch:ref:main => project_path:<name>/<name>:ref_type:branch:ref:<name>
          project_path:a/b/c/d/e:ref_type:branch:ref:feature/x/y => project_path:<name>/<name>:ref_type:branch:ref:<name>
          project_path:a/b:ref_type:tag:ref:v1 => project_path:<name>/<name>:ref_type:tag:ref:<name>
          system:serviceaccount:kube-system:default => system:serviceaccount:<name>:<name>
          system:serviceaccount:123:0f8fad5b-d9cb-469f-a165-70867728950e => system:serviceaccount:<name>:<name>
          organization:acme:pipeline:super:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step: => organization:<name>:pipeline:<name>:ref:refs/heads/<name>:commit:<hex>:step:
          organization:acme:project:project:workspace:prod:run_phase:apply => organization:<name>:project:<name>:workspace:<name>:run_phase:<name>
          spiffe://acme.example/ns/payments/sa/api => spiffe://<host>/ns/<path>/sa/<path>
          spiffe://acme.example/region/eu/payments => spiffe://<host>/<path>
          https://broker.acme.example => https://<host>
          https://broker.acme.example/ => https://<host>/
          https://broker.acme.example:8443/a/b?c=d#e => https://<host>:<digits>/<path>
          https://sts.windows.net/0f8fad5b-d9cb-469f-a165-70867728950e/ => https://<host>/<path>/
          api://0f8fad5b-d9cb-469f-a165-70867728950e => api://<uuid>
          secret://x/y => <name>://<host>/<path>
          auth0|5f7c8ec7c33c6c004bbafe82 => auth0|<hex>
          google-oauth2|104123456789012345678 => google-oauth2|<digits>
          samlp|acme|alice => samlp|<name>
          AbC123xyz@clients => <name>@clients
          deploy@acme-prod.iam.gserviceaccount.com => <name>@<host>
          alice.o'neil+x@acme.example => <name>@<host>
          104123456789012345678 => <digits>
          0f8fad5b-d9cb-469f-a165-70867728950e => <uuid>
          {0F8FAD5B-D9CB-469F-A165-70867728950E} => <uuid>
          9f3182061f1e2cca4702c368cbc039b7dc9d4485 => <hex>
          deadbeef => <name>
          AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ => <name>
          pull_request => <name>
          octo-org/octo-repo => <name>/<name>
          org/project => org/project
          arn:aws:iam::123456789012:role/deploy/x => arn:aws:iam::<digits>:role/<name>/<name>
          /subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourcegroups/rg => /subscriptions/<uuid>/resourcegroups/<name>
          //iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p => //<name>/projects/<name>/locations/<name>/workloadIdentityPools/<name>
          org/0f8fad5b-d9cb-469f-a165-70867728950e/project/x/vcs-ref/main => org/<uuid>/project/<name>/vcs-ref/<name>
          acme:app:machine => <name>:<name>:<name>
          """)
  void of_a_text(String text, String template) {
    assertThat(ClaimTemplate.of("sub", text)).isEqualTo(template);
  }

  @ParameterizedTest
  @CsvSource({
    "ref, main, <name>",
    "ref, feature/x:y, <name>",
    "ref, 2024, <name>",
    "ref, refs/heads/a/b, refs/heads/<name>",
    "ref, refs/pull/12/merge, refs/pull/<name>",
    "environment, Prod: EU/West, <name>",
    "workflow, CI / build (ubuntu): all, <name>",
    "repository, org/user, <name>/<name>",
    "repository, acme@1/app@2, <name>@<digits>/<name>@<digits>",
    "repository_id, 42, <digits>",
    "job_workflow_ref, o/r/.github/workflows/w.yml@refs/tags/v1, <name>/<name>@refs/tags/<name>",
    "head_ref, '', <empty>",
    "email, '', <empty>",
  })
  void of_a_text_whose_claim_tells_its_content(String claim, String text, String template) {
    assertThat(ClaimTemplate.of(claim, text)).isEqualTo(template);
  }

  @Test
  void has_128_characters_at_most() {
    String template = ClaimTemplate.of("sub", "a:".repeat(5_000));

    assertThat(template).hasSize(ClaimTemplate.MAX_CHARS).endsWith("…");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sub", "ref", "repository", "actor", "email"})
  void contains_only_separators_masks_and_known_words(String claim) {
    Random random = new Random(SEED);
    for (int at = 0; at < 20_000; at++) {
      StringBuilder text = new StringBuilder();
      for (int parts = 1 + random.nextInt(12); parts > 0; parts--) {
        text.append(PARTS.get(random.nextInt(PARTS.size())));
      }
      assertThat(ClaimTemplate.of(claim, text.toString()))
          .as("seed %d, %s", SEED, text)
          .matches(MASKED);
    }
  }

  @Test
  void contains_no_bracket_or_control_character_of_the_text() {
    assertThat(ClaimTemplate.of("sub", "<secret>\u0000\n\u202e{}[]")).isEqualTo("<name>");
  }
}
