package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.judge.issuer.KeyAccess;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FederationLoaderTest {

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void chooseFile() {
    file = directory.resolve("federation.yaml");
  }

  @Test
  void a_document_becomes_issuers_targets_and_rules() {
    Federation federation = load(Documents.GOOD);
    TrustedIssuer github =
        federation.issuers().entries("https://token.actions.githubusercontent.com").getFirst();
    assertThat(github.name()).isEqualTo("github");
    assertThat(github.audiences()).containsExactly("https://broker.acme.example");
    assertThat(github.algorithms()).containsExactly(SigningAlgorithm.RS256);
    assertThat(github.leeway()).isEqualTo(Duration.ofSeconds(60));
    assertThat(github.maxTokenAge()).isNull();
    assertThat(github.disabled()).isFalse();
    assertThat(federation.policy().targets())
        .containsExactlyInAnyOrder(
            Target.mint("payments-api", Duration.ofMinutes(10)),
            Target.mint("orders", Duration.ofMinutes(10)),
            Target.OPERATORS);
    assertThat(federation.policy().rules())
        .extracting(Rule::name)
        .containsExactly("deploy-payments", "operators");
    Rule deploy = federation.policy().rules().getFirst();
    assertThat(deploy.issuerName()).isEqualTo("github");
    assertThat(deploy.audience()).isEqualTo("payments-api");
    assertThat(deploy.terms().scopes()).containsExactly("deploy", "read");
    assertThat(deploy.terms().claims()).containsOnlyKeys("run");
    assertThat(deploy.outlivesCredential()).isFalse();
    assertThat(federation.loadedAt()).isEqualTo(TestClock.START);
    assertThat(federation.sources()).containsExactly("federation.yaml");
    assertThat(federation.revision()).matches("[0-9a-f]{64}");
  }

  @Test
  void every_key_is_read() {
    Federation federation =
        load(
            """
            issuers:
              - name: corp
                issuer: https://sso.acme.example/realms/prod
                audiences: [a, b]
                algorithms: [ES256, EdDSA]
                leeway: PT1M30S
                maxTokenAge: 1h
                jwksUri: https://keys.acme.example/jwks?policy=x
                tls: corp-ca
                disabled: true
                once: true
            targets:
              - audience: t
                mint:
                  lifetime: 1s
            rules:
              - name: r
                issuer: corp
                when: "true"
                audience: t
                disabled: true
                shadow: true
                outliveCredential: true
            """);
    TrustedIssuer corp = federation.issuers().all().getFirst();
    assertThat(corp.algorithms())
        .containsExactlyInAnyOrder(SigningAlgorithm.ES256, SigningAlgorithm.EDDSA);
    assertThat(corp.leeway()).isEqualTo(Duration.ofSeconds(90));
    assertThat(corp.maxTokenAge()).isEqualTo(Duration.ofHours(1));
    assertThat(corp.disabled()).isTrue();
    assertThat(corp.once()).isTrue();
    assertThat(corp.keys())
        .isSameAs(
            Documents.remote(
                new KeyLocation(
                    "https://sso.acme.example/realms/prod",
                    URI.create("https://keys.acme.example/jwks?policy=x"),
                    "corp-ca")));
    Rule rule = federation.policy().rules().getFirst();
    assertThat(rule.disabled()).isTrue();
    assertThat(rule.shadow()).isTrue();
    assertThat(rule.outlivesCredential()).isTrue();
  }

  @Test
  void defaults_are_those_of_the_reference() {
    TrustedIssuer issuer = load(minimal("")).issuers().all().getFirst();
    assertThat(issuer.algorithms()).containsExactlyInAnyOrder(SigningAlgorithm.values());
    assertThat(issuer.leeway()).isEqualTo(Duration.ofSeconds(60));
    assertThat(issuer.once()).isFalse();
    assertThat(issuer.keys())
        .isSameAs(Documents.remote(new KeyLocation("https://a.example", null, null)));
  }

  /** The files need not be there: a document is checked on any machine. */
  @Test
  void takes_the_api_server_of_its_own_cluster_and_others() {
    Path own = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    URI server = URI.create("https://kubernetes.default.svc");

    assertThat(cluster("kubernetes: {}"))
        .isEqualTo(new KeyAccess.ApiServer(server, own.resolve("token"), own.resolve("ca.crt")));
    assertThat(cluster("kubernetes: {tokenFile: mine}, tls: corp"))
        .isEqualTo(new KeyAccess.ApiServer(server, directory.resolve("mine"), null));
    assertThat(
            cluster(
                "kubernetes: {server: 'https://b.example:6443/k8s', tokenFile: /b/token, caFile: b.crt}"))
        .isEqualTo(
            new KeyAccess.ApiServer(
                URI.create("https://b.example:6443/k8s"),
                Path.of("/b/token"),
                directory.resolve("b.crt")));
    assertThat(cluster("kubernetes: {server: 'https://b.example', tokenFile: t}"))
        .isEqualTo(
            new KeyAccess.ApiServer(URI.create("https://b.example"), directory.resolve("t"), null));
  }

  private KeyAccess cluster(String keys) {
    Path file = directory.resolve("federation.yaml");
    Documents.write(
        file,
        "issuers: [{name: a, issuer: 'https://kubernetes.default.svc.cluster.local',"
            + " audiences: [broker], "
            + keys
            + "}]");
    LoadResult result = Documents.loader(true).load(file);
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return Objects.requireNonNull(((LoadResult.Loaded) result).locations().get("a")).access();
  }

  @Test
  void keys_may_stand_in_the_document_as_yaml_or_json() {
    String yaml =
        """
            jwks:
              keys:
                - kty: EC
                  crv: P-256
                  kid: 2026
                  x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU
                  y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0
        """;
    TrustedIssuer issuer = load(minimal(yaml)).issuers().all().getFirst();
    assertThat(issuer.keys().publishes("2026")).isTrue();
    assertThat(issuer.keys().status().freshness()).isEqualTo(Freshness.FIXED);
    String json = "    jwks: " + Documents.JWKS.replace("\n", " ").strip() + "\n";
    assertThat(load(minimal(json)).issuers().all().getFirst().keys().publishes("k1")).isTrue();
  }

  @Test
  void keys_may_stand_in_a_file_beside_the_document() {
    Documents.write(directory.resolve("keys.json"), Documents.JWKS);
    Federation first = load(minimal("    jwksFile: keys.json\n"));
    assertThat(first.issuers().all().getFirst().keys().publishes("k1")).isTrue();
    Documents.write(directory.resolve("keys.json"), Documents.JWKS.replace("k1", "k2"));
    Federation second = Documents.loaded(file);
    assertThat(second.issuers().all().getFirst().keys().publishes("k2")).isTrue();
    assertThat(second.revision()).isNotEqualTo(first.revision());
  }

  @Test
  void http_is_for_loopback_only_and_only_when_allowed() {
    String text = minimal("").replace("https://a.example", "http://localhost:8080/dev");
    Documents.write(file, text);
    assertThat(Documents.problems(file)).hasSize(1);
    assertThat(Documents.loader(true).load(file)).isInstanceOf(LoadResult.Loaded.class);
    Documents.write(file, text.replace("localhost", "localhost.evil.example"));
    assertThat(Documents.loader(true).load(file)).isInstanceOf(LoadResult.Rejected.class);
  }

  @Test
  void the_same_content_has_the_same_revision_wherever_it_lies() {
    String here = load(Documents.GOOD).revision();
    Path elsewhere = directory.resolve("elsewhere.yaml");
    Documents.write(elsewhere, Documents.GOOD);
    assertThat(Documents.loaded(elsewhere).revision()).isEqualTo(here);
  }

  @Test
  void refuses_a_leeway_that_is_less_than_the_skew_of_the_replicas() {
    Path file = directory.resolve("skew.yaml");
    Documents.write(file, Documents.GOOD);
    Surroundings surroundings =
        new Surroundings(true, null, Duration.ofSeconds(61), Set.of("broker"), null);

    assertThat(
            new FederationLoader(
                    _ -> NoKeys.NONE, null, DocumentGate.OPEN, new TestClock(), surroundings)
                .load(file))
        .isInstanceOfSatisfying(
            LoadResult.Rejected.class,
            rejected ->
                assertThat(rejected.problems().toString())
                    .contains("the leeway 1m is less than token-broker.store.max-skew, 61s"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "leeway: 60s                 | leeway: 61s",
        "[RS256]                     | [RS256, ES256]",
        "lifetime: 10m               | lifetime: 9m",
        "lifetime: 10m               | lifetime: 10m, bind: any",
        "[deploy, read]              | [deploy]",
        "run: claims.run_id          | ran: claims.run_id",
        "run: claims.run_id          | run: claims.run_number",
        "'\"42\" &&'                 | '\"43\" &&'",
        "scopes: [operate]           | disabled: true",
        "scopes: [operate]           | outliveCredential: true",
        "name: operators             | name: operator",
        "leeway: 60s                 | maxTokenAge: 60s",
        "leeway: 60s                 | tls: corp",
        "leeway: 60s                 | jwksUri: https://a.example/keys",
        "leeway: 60s                 | disabled: true",
        "leeway: 60s                 | once: true",
        "leeway: 60s                 | defaultAudience: orders",
        "audience: orders            | audience: invoices",
      })
  void every_change_of_meaning_changes_the_revision(String from, String to) {
    assertThat(Documents.GOOD).contains(from);
    assertThat(load(Documents.GOOD.replace(from, to)).revision())
        .isNotEqualTo(load(Documents.GOOD).revision());
  }

  @Test
  void the_order_of_rules_changes_the_revision() {
    String rule =
        """
          - {name: %s, issuer: a, when: "true", audience: token-broker}
        """;
    String one = minimal("") + "rules:\n" + rule.formatted("x") + rule.formatted("y");
    String other = minimal("") + "rules:\n" + rule.formatted("y") + rule.formatted("x");
    assertThat(load(one).revision()).isNotEqualTo(load(other).revision());
  }

  @Test
  void a_directory_is_read_as_one_document() throws IOException {
    Federation whole = load(Documents.GOOD);
    Files.delete(file);
    int targets = Documents.GOOD.indexOf("targets:");
    int rules = Documents.GOOD.indexOf("rules:");
    Documents.write(directory.resolve("30-rules.yml"), Documents.GOOD.substring(rules));
    Documents.write(directory.resolve("10-issuers.yaml"), Documents.GOOD.substring(0, targets));
    Documents.write(directory.resolve("20-targets.yaml"), Documents.GOOD.substring(targets, rules));
    Documents.write(directory.resolve(".hidden.yaml"), "nonsense: [");
    Documents.write(directory.resolve("README.md"), "nonsense: [");
    Documents.write(directory.resolve("40-empty.yaml"), "# nothing yet\n");
    Federation federation = Documents.loaded(directory);
    assertThat(federation.issuers().all()).hasSameSizeAs(whole.issuers().all());
    assertThat(federation.sources())
        .containsExactly("10-issuers.yaml", "20-targets.yaml", "30-rules.yml", "40-empty.yaml");
  }

  @Test
  void reports_problems_of_all_files_at_once_with_file_and_line() {
    Documents.write(directory.resolve("b.yaml"), "rules:\n  - name: R\n");
    Documents.write(directory.resolve("a.yaml"), "issuers: 5\n");
    Documents.write(directory.resolve("c.yaml"), "targets:\n\t- audience: x\n");
    assertThat(Documents.problems(directory))
        .extracting(problem -> problem.file() + ":" + problem.line())
        .containsExactly("a.yaml:1", "b.yaml:2", "b.yaml:2", "b.yaml:2", "b.yaml:2", "c.yaml:2");
  }

  @Test
  void names_may_not_repeat_across_files() {
    Documents.write(directory.resolve("a.yaml"), Documents.GOOD);
    Documents.write(directory.resolve("b.yaml"), "targets:\n  - audience: orders\n");
    assertThat(Documents.problems(directory))
        .containsExactly(
            new Problem(
                "b.yaml",
                2,
                "the target orders is already declared at a.yaml:10",
                "Declare each target once."));
  }

  @Test
  void a_path_that_does_not_exist_is_a_problem() {
    assertThat(Documents.problems(directory.resolve("gone.yaml")))
        .containsExactly(
            new Problem(
                "gone.yaml",
                0,
                "the file cannot be read: it does not exist",
                "Give a readable UTF-8 file of at most 1 MiB."));
  }

  @Test
  void a_directory_without_documents_is_a_problem() {
    Documents.write(
        directory.resolve("document"), Documents.GOOD); // no .yaml, as a ConfigMap may have it
    assertThat(Documents.problems(directory))
        .extracting(Problem::toString)
        .containsExactly(
            directory.getFileName()
                + ": the directory has no document. Give a file in it a name that ends with .yaml"
                + " or .yml, and begins with no dot.");
  }

  @Test
  void a_file_that_is_too_large_is_not_read() {
    Documents.write(file, "#".repeat(YamlParser.MAX_BYTES + 1));
    assertThat(Documents.problems(file))
        .extracting(Problem::message)
        .containsExactly("the file cannot be read: it is larger than 1024 KiB");
  }

  @Test
  void a_file_that_is_not_utf_8_is_not_read() throws IOException {
    Files.write(file, new byte[] {'a', ':', (byte) 0xC3, '\n'});
    assertThat(Documents.problems(file))
        .extracting(Problem::message)
        .containsExactly("the file cannot be read: it is not UTF-8");
  }

  @Test
  void more_files_than_the_limit_are_not_read() {
    for (int i = 0; i <= SourceFiles.MAX_FILES; i++) {
      Documents.write(directory.resolve(i + ".yaml"), "rules: []\n");
    }
    assertThat(Documents.problems(directory))
        .extracting(Problem::message)
        .contains("the directory holds more than 100 files");
  }

  @ParameterizedTest
  @ValueSource(ints = {1_001})
  void counts_are_bounded_over_all_files(int targets) {
    StringBuilder a = new StringBuilder(minimal("")).append("targets:\n");
    StringBuilder b = new StringBuilder("targets:\n");
    for (int i = 0; i < targets; i++) {
      (i < 600 ? a : b).append("  - audience: t").append(i).append('\n');
    }
    Documents.write(directory.resolve("a.yaml"), a.toString());
    Documents.write(directory.resolve("b.yaml"), b.toString());
    assertThat(Documents.problems(directory))
        .extracting(Problem::message)
        .isEqualTo(List.of("all files together declare more than 1000 targets"));
  }

  private Federation load(String text) {
    Documents.write(file, text);
    return Documents.loaded(file);
  }

  private static String minimal(String moreOfTheIssuer) {
    return """
        issuers:
          - name: a
            issuer: https://a.example
            audiences: [x]
        """
        + moreOfTheIssuer;
  }
}
