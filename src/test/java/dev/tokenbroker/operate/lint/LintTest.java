package dev.tokenbroker.operate.lint;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.operate.lint.TypeLint.ClaimType;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.schema.TableSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LintTest {

  private static final Path DOCUMENT = Path.of("src/docs/use/lint.md");
  private static final FederationLoader LOADER =
      new FederationLoader(
          _ -> NoKeys.NONE, null, DocumentGate.OPEN, new TestClock(), Surroundings.unknown(true));

  private static final Map<String, String> ISSUERS =
      Map.ofEntries(
          entry(
              "entra",
              "https://login.microsoftonline.com/00000000-0000-4000-8000-00000000000a/v2.0"),
          entry("aws", "https://0a1b.tokens.sts.global.api.aws"),
          entry("github", "https://token.actions.githubusercontent.com"),
          entry("ghe", "https://token.actions.githubusercontent.com/acme"),
          entry("gitlab", "https://gitlab.com"),
          entry("gitlab2", "https://gitlab.acme.example"),
          entry("google", "https://accounts.google.com"),
          entry("eks", "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF"),
          entry("buildkite", "https://agent.buildkite.com"),
          entry("terraform", "https://app.terraform.io"),
          entry("other", "https://sso.example"));

  /** A document whose only warning is silenced. */
  private static final String SILENCED =
      """
      issuers:
        - {name: github, issuer: "https://token.actions.githubusercontent.com", audiences: [broker]}
      targets: [{audience: pay}]
      rules:
        - name: deploy
          issuer: github
          audience: pay
          when: claims.repository_id == "42" # lint:ignore pull-request-exposed only read access
          subject: '"github:" + claims.repository_id'
      """;

  @TempDir Path directory;

  record Sample(String title, List<String> codes, List<String> lines) {

    String document() {
      if (lines.getFirst().startsWith("issuers:")) {
        return String.join("\n", lines) + "\n";
      }
      List<String> names =
          lines.stream().map(line -> line.substring(0, line.indexOf(": "))).toList();
      String issuers =
          names.stream()
              .distinct()
              .map(
                  name ->
                      "  - {name: %s, issuer: \"%s\", audiences: [broker]}\n"
                          .formatted(name, ISSUERS.get(name)))
              .collect(Collectors.joining());
      String rules =
          IntStream.range(0, lines.size())
              .mapToObj(
                  at ->
                      rule(at, names.get(at), lines.get(at).substring(names.get(at).length() + 2)))
              .collect(Collectors.joining());
      return "issuers:\n" + issuers + "targets: [{audience: pay}]\nrules:\n" + rules;
    }

    /** A rule whose subject no other issuer has, unless the text names another one. */
    private static String rule(int number, String issuer, String text) {
      List<String> parts = Splitter.on(" as ").splitToList(text.replace("'", "''"));
      String subject = parts.size() == 1 ? '"' + issuer + ":\"" : parts.getLast();
      return "  - {name: r%d, issuer: %s, audience: pay, when: '%s'%s}\n"
          .formatted(
              number,
              issuer,
              parts.getFirst(),
              subject.equals("it is") ? "" : ", subject: '" + subject + "'");
    }

    boolean isSound() {
      return codes.isEmpty();
    }

    @Override
    public String toString() {
      return title;
    }
  }

  static List<Sample> samples() {
    String text = TableSection.text("/cases/lint.txt");
    return Splitter.on("\n=== ").splitToStream(text).skip(1).map(LintTest::sample).toList();
  }

  private static Sample sample(String block) {
    List<String> lines = block.lines().filter(line -> !line.isBlank()).toList();
    String head = lines.getFirst();
    String codes = head.substring(0, head.indexOf(':'));
    return new Sample(
        head.substring(head.indexOf(':') + 2),
        codes.equals("none") ? List.of() : Splitter.on(' ').splitToList(codes),
        lines.subList(1, lines.size()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void finds_exactly_what_is_dangerous_or_dead(Sample sample) throws IOException {
    assertThat(warnings(sample.document()).stream().map(warning -> warning.code().code()))
        .as(sample.document())
        .containsExactlyInAnyOrderElementsOf(sample.codes());
  }

  @Test
  void the_table_has_every_code_about_rules_and_as_many_sound_rules() {
    assertThat(samples().stream().filter(Sample::isSound)).hasSizeGreaterThanOrEqualTo(20);
    assertThat(samples().stream().flatMap(sample -> sample.codes().stream()))
        .containsAll(
            Stream.of(LintCode.values())
                .filter(code -> !code.isAboutSilence())
                .map(LintCode::code)
                .toList());
  }

  @Test
  void a_warning_names_line_evidence_and_remedy() throws IOException {
    String document =
        SILENCED.replace(
            "claims.repository_id == \"42\" # lint:ignore pull-request-exposed only read access",
            "claims.repository == \"acme/pay\"");

    assertThat(warnings(document))
        .extracting(Warning::toString)
        .containsExactly(
            "federation.yaml:8: warning reusable-name: the rule deploy trusts a name that GitHub"
                + " Actions may give to somebody else later: claims.repository == \"acme/pay\"."
                + " Also compare repository_id or repository_owner_id, which is never given twice.",
            "federation.yaml:8: warning pull-request-exposed: the rule deploy admits each branch"
                + " and pull request of the repository: claims.repository == \"acme/pay\". Also"
                + " compare ref, environment, event_name or job_workflow_ref.");
  }

  // --- silencing

  @Test
  void a_comment_silences_its_line_and_the_line_or_entry_below() throws IOException {
    String silence = "# lint:ignore pull-request-exposed only read access";
    String bare = SILENCED.replace(" " + silence, "");

    assertThat(warnings(bare)).hasSize(1);
    assertThat(warnings(SILENCED)).isEmpty();
    assertThat(warnings(bare.replace("    when", "    " + silence + "\n    when"))).isEmpty();
    assertThat(warnings(bare.replace("- name: deploy", "- name: deploy " + silence))).isEmpty();
    assertThat(warnings(bare.replace("  - name: dep", "  " + silence + "\n  - name: dep")))
        .isEmpty();
    assertThat(
            warnings(
                bare.replace(
                    "  - name: dep", "# why\n" + silence + "\n  # and how\n  - name: dep")))
        .isEmpty();
    assertThat(
            warnings(
                bare.replace(
                    "when: claims.repository_id == \"42\"",
                    "when: | " + silence + "\n      claims.repository_id == \"42\"")))
        .isEmpty();
  }

  @Test
  void a_comment_silences_within_braces() throws IOException {
    assertThat(
            warnings(
                """
                issuers: [{name: other, issuer: "https://sso.example", audiences: [broker]}]
                targets:
                  - {audience: pay}
                  - {audience: orders}   # lint:ignore target-without-rule next week
                rules: [
                  # lint:ignore subject-owner-unbound one client only
                  {name: all, issuer: other, audience: pay, when: "true"}
                ]
                """))
        .isEmpty();
  }

  @Test
  void a_comment_silences_its_own_code_and_entry_only() throws IOException {
    String other = SILENCED.replace("pull-request-exposed only", "reusable-name only");

    assertThat(codes(other)).containsExactly("pull-request-exposed", "silence-unused");
    assertThat(codes(SILENCED.replace("targets:", "# lint:ignore rule-hidden why\ntargets:")))
        .containsExactly("silence-unused");
    assertThat(
            codes(
                SILENCED.replace(
                    " # lint:ignore pull-request-exposed only read access",
                    "\n# lint:ignore pull-request-exposed below\n")))
        .containsExactly("pull-request-exposed", "silence-unused");
  }

  @Test
  void a_comment_needs_a_known_code_and_a_reason() throws IOException {
    assertThat(codes(SILENCED.replace(" only read access", "")))
        .containsExactly("silence-without-reason");
    assertThat(codes(SILENCED.replace("request-exposed", "requests")))
        .containsExactly("pull-request-exposed", "silence-unknown-code");
    assertThat(codes(SILENCED.replace(" pull-request-exposed only read access", "")))
        .containsExactly("pull-request-exposed", "silence-unknown-code");
    assertThat(codes(SILENCED + "# lint:ignore silence-unused why\n"))
        .containsExactly("silence-unknown-code");
  }

  @Test
  void text_that_looks_like_a_comment_silences_nothing() throws IOException {
    String bare = SILENCED.replace(" # lint:ignore pull-request-exposed only read access", "");
    String silence = "# lint:ignore pull-request-exposed no";

    assertThat(
            codes(
                bare.replace(
                    "when: claims.repository_id == \"42\"",
                    "when: 'claims.repository_id == \"42\" || claims.repository_id == \""
                        + silence
                        + "\"'")))
        .containsExactly("pull-request-exposed");
    assertThat(
            codes(
                bare.replace(
                    "when: claims", "when: |\n      \"" + silence + "\" != \"\" && claims")))
        .containsExactly("pull-request-exposed");
  }

  // --- types seen, size, documents

  @Test
  void types_seen_in_credentials_are_known_too() throws IOException {
    LoadResult.Loaded loaded =
        load(
            new Sample("", List.of(), List.of("other: claims.admin == \"true\" && claims.n == 1"))
                .document());

    assertThat(Lint.of(loaded)).isEmpty();
    assertThat(
            Lint.of(
                loaded,
                Map.of(
                    "other",
                    Map.of(
                        "admin",
                        EnumSet.of(ClaimType.BOOLEAN),
                        "n",
                        EnumSet.of(ClaimType.STRING, ClaimType.NUMBER)))))
        .extracting(Warning::sentence)
        .containsExactly(
            "the rule r0 compares claims.admin, which is a boolean, with a string: claims.admin =="
                + " \"true\"");
  }

  @Test
  void hundreds_of_rules_are_compared_with_each_other() throws IOException {
    assertComparedWithEachOther(200);
  }

  @Tag("whole")
  @Test
  void thousands_of_rules_are_compared_with_each_other() throws IOException {
    assertComparedWithEachOther(7_999);
  }

  private void assertComparedWithEachOther(int many) throws IOException {
    List<String> rules =
        IntStream.range(0, many)
            .mapToObj(at -> "other: claims.n == 1 && claims.sub == \"job-" + at + "\"")
            .collect(Collectors.toList());
    rules.add("other: claims.sub == \"job-77\" && claims.n == 1 && claims.run == 1");

    assertThat(warnings(new Sample("", List.of(), rules).document()))
        .extracting(Warning::sentence)
        .containsExactly(
            "the rule r%d never decides, since r77 at federation.yaml:82 holds whenever it does"
                .formatted(many));
  }

  @Test
  void a_directory_is_one_document() throws IOException {
    Files.writeString(
        directory.resolve("a.yaml"),
        """
        issuers: [{name: other, issuer: 'https://sso.example', audiences: [broker]}]
        targets: [{audience: pay}]
        """);
    Files.writeString(
        directory.resolve("b.yaml"),
        """
        rules:
          - {name: a, issuer: other, audience: pay, when: "true"} # lint:ignore subject-owner-unbound a test
        """);
    Files.writeString(
        directory.resolve("c.yaml"),
        """
        rules:
          - {name: b, issuer: other, audience: pay, when: 'claims.sub == "a"'}
        """);

    assertThat(Lint.of((LoadResult.Loaded) LOADER.load(directory)))
        .extracting(Warning::place)
        .hasToString("[c.yaml:2]");
  }

  @Test
  void the_document_has_a_section_for_each_code() throws IOException {
    Set<String> sections =
        Files.readAllLines(DOCUMENT).stream()
            .filter(line -> line.startsWith("### "))
            .map(line -> line.substring(4))
            .collect(Collectors.toSet());

    assertThat(sections)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(LintCode.values()).map(LintCode::code).toList());
  }

  private List<String> codes(String document) throws IOException {
    return warnings(document).stream().map(warning -> warning.code().code()).toList();
  }

  private List<Warning> warnings(String document) throws IOException {
    return Lint.of(load(document));
  }

  private LoadResult.Loaded load(String document) throws IOException {
    Path file = Files.writeString(directory.resolve("federation.yaml"), document);
    LoadResult result = LOADER.load(file);
    assertThat(result)
        .as(
            () ->
                Findings.cut(document)
                    + (result instanceof LoadResult.Rejected bad ? bad.problems() : ""))
        .isInstanceOf(LoadResult.Loaded.class);
    return (LoadResult.Loaded) result;
  }
}
