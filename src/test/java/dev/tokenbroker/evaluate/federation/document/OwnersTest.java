package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.schema.DocumentSchema;
import dev.tokenbroker.schema.TableSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Directories whose root document has {@code owners}: {@code owners.txt} has files that reach
 * beyond their rights, and all that is said about each.
 */
class OwnersTest {

  private static final String CASES =
      """
      identities:
        main: {issuer: github, claims: {sub: a, repository_id: "7"}}
      cases:
        - {name: main, identity: main, audience: orders, expect: {accepted: deploy-orders}}
      """;

  private static final String ROOT = "../root/platform.yaml";

  private static final Map<String, String> GOOD =
      Map.of(
          ROOT,
          """
          owners:
            - {file: orders.yaml, targets: [orders], declares: [cases]}
            - {file: payments.yaml, targets: [payments-api, payouts], declares: [targets]}
            - {file: lab.yaml, targets: [lab], declares: [issuers, clients, upstreams, targets, cases]}
          issuers:
            - name: github
              issuer: https://token.actions.githubusercontent.com
              audiences: [https://broker.acme.example]
          clients: [{name: gateway, issuer: github, subject: a}]
          upstreams: [{name: sso, issuer: 'https://sso.acme.example', clientAuthentication: federated}]
          targets:
            - {audience: payments-api}
            - {audience: orders}
            - {audience: ledger, exchange: {upstream: sso}}
          rules:
            - {name: stop, issuer: github, when: claims.actor == "x", audience: orders, disabled: true}
            - {name: operators, issuer: github, when: claims.actor == "root", audience: token-broker}
          """,
          "orders.yaml",
          """
          rules:
            - name: deploy-orders
              issuer: github
              when: claims.repository_id == "7"
              audience: orders
          cases: [orders.cases.yaml, orders/*.cases.yaml]
          """,
          "payments.yaml",
          """
          targets: [{audience: payouts}]
          rules:
            - {name: pay, issuer: github, client: gateway, when: "true", audience: payments-api}
          """,
          "lab.yaml",
          """
          issuers: [{name: lab, issuer: 'https://lab.example', audiences: [lab], defaultAudience: lab}]
          clients: [{name: lab-agent, issuer: lab, subject: agent}]
          upstreams:
            - {name: lab-sts, tokenEndpoint: 'https://lab.example/token', clientAuthentication: none}
          targets: [{audience: lab, exchange: {upstream: lab-sts, resources: [urn:lab]}}]
          rules:
            - {name: lab, issuer: lab, client: lab-agent, when: "true", audience: lab}
          """,
          "orders.cases.yaml",
          CASES,
          "orders/a.cases.yaml",
          CASES,
          "lab/a.cases.yaml",
          CASES,
          "lab/payments.yaml",
          "rules: []\n",
          "../root/secret",
          "s3cret",
          "../outside/payments.yaml",
          "rules: []\n");

  private static final Pattern PART =
      Pattern.compile("(?m)^>>> (\\S+)(?: -> (\\S+))?\n((?:(?!>>> ).*\n)*)");

  @TempDir Path parent;
  private Path directory;

  @BeforeEach
  void layOut() throws IOException {
    directory = Files.createDirectory(parent.resolve("federation"));
    for (Map.Entry<String, String> file : GOOD.entrySet()) {
      write(file.getKey(), file.getValue());
    }
  }

  @ParameterizedTest
  @MethodSource("table")
  void refuses_what_a_file_may_not_write(TableSection row) throws IOException {
    apply(row.text());

    assertThat(rejected(root())).isEqualTo(row.expected());
  }

  @Test
  void the_table_is_long() {
    assertThat(table()).hasSizeGreaterThanOrEqualTo(40);
  }

  @Test
  void files_write_what_is_allowed_and_the_root_decides_first() {
    Federation federation = loaded(directory);

    assertThat(federation.policy().rules())
        .extracting(Rule::name)
        .containsExactly("stop", "operators", "lab", "deploy-orders", "pay");
    assertThat(federation.policy().fileOf("pay")).isEqualTo("payments.yaml");
    assertThat(federation.policy().fileOf("stop")).isEqualTo(root().toString());
    assertThat(federation.policy().fileOf(null)).isNull();
  }

  @Test
  void the_links_of_a_mounted_config_map_are_no_links_of_a_team() throws IOException {
    Path side = Files.createDirectory(directory.resolve("..2026_12_01"));
    for (String file : List.of("orders.yaml", "payments.yaml", "lab.yaml")) {
      Files.move(directory.resolve(file), side.resolve(file));
      Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
    }
    Files.createSymbolicLink(directory.resolve("..data"), side.getFileName());
    Path link = Files.createSymbolicLink(parent.resolve("current"), directory);

    assertThat(loaded(directory).sources()).hasSize(4);
    assertThat(loaded(link).sources()).hasSize(4);

    Path next = directory.resolve("..2026_12_02");
    Files.move(side, next);
    Files.createSymbolicLink(directory.resolve("..tmp"), next.getFileName());
    Files.delete(next.resolve("payments.yaml"));
    Files.createSymbolicLink(next.resolve("payments.yaml"), Path.of("orders.yaml"));
    Files.move(
        directory.resolve("..tmp"),
        directory.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);

    assertThat(rejected(root()))
        .contains("payments.yaml:1: the file is a link to another name or out of the directory.");
  }

  @Test
  void without_a_root_document_every_file_may_write_everything() throws IOException {
    write("platform.yaml", withoutOwners());
    write("payments.yaml", "rules: [{name: a, issuer: lab, when: true, audience: orders}]\n");

    assertThat(Documents.loaded(directory).policy().rules())
        .extracting(Rule::name)
        .containsExactly("lab", "deploy-orders", "a", "stop", "operators");
  }

  @Test
  void a_rule_without_issuer_ignores_issuers_of_other_teams() throws IOException {
    write("orders.yaml", "rules: [{name: any, client: gateway, when: true, audience: orders}]\n");
    write(
        "lab.yaml",
        good("lab.yaml").replace("issuer: lab, client: lab-agent", "client: lab-agent"));

    assertThat(rule("any").isFor("github")).isTrue();
    assertThat(rule("any").isFor("lab")).isFalse();
    assertThat(rule("lab").isFor("lab")).isTrue();

    write("platform.yaml", withoutOwners());
    assertThat(Documents.loaded(directory).policy().rules())
        .filteredOn(rule -> rule.name().equals("any"))
        .allMatch(rule -> rule.isFor("lab"));
  }

  @Test
  void a_rule_of_a_document_of_one_file_names_no_file() throws IOException {
    Path file = parent.resolve("federation.yaml");
    Documents.write(file, Documents.GOOD);

    assertThat(Documents.loaded(file).policy().fileOf("deploy-payments")).isNull();
  }

  @Test
  void a_document_with_owners_needs_the_setting_of_its_root() throws IOException {
    write("platform.yaml", good(ROOT));

    assertThat(rejected(null))
        .startsWith("platform.yaml:1: 'owners' bounds nothing here")
        .contains(
            "Move the root document out of the directory, and set token-broker.federation.root");
    assertThat(rejected(directory.resolve("platform.yaml")))
        .contains("the root document lies in the directory of the files that it bounds");
  }

  @Test
  void the_root_document_names_files_beside_itself_and_a_team_replaces_none() throws IOException {
    write(ROOT, good(ROOT) + "cases: [orders.cases.yaml]\n");
    write("../root/orders.cases.yaml", CASES.replace("name: main", "name: of-root"));
    List<String> judged = new ArrayList<>();

    LoadResult result = loader(root(), (_, cases) -> judge(cases, judged)).load(directory);

    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    assertThat(judged).hasSize(3).first().asString().contains("of-root");
  }

  private static List<Problem> judge(List<DocumentGate.Source> cases, List<String> judged) {
    cases.forEach(each -> judged.add(each.text()));
    return List.of();
  }

  private Path root() {
    return parent.resolve("root/platform.yaml");
  }

  private Federation loaded(Path path) {
    LoadResult result = loader(root(), DocumentGate.OPEN).load(path);
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).federation();
  }

  private String rejected(@Nullable Path root) {
    LoadResult result = loader(root, DocumentGate.OPEN).load(directory);
    return result instanceof LoadResult.Rejected rejected ? text(rejected.problems()) : "";
  }

  private static FederationLoader loader(@Nullable Path root, DocumentGate gate) {
    return new FederationLoader(
        Documents::remote,
        Documents::upstream,
        gate,
        new TestClock(),
        Surroundings.unknown(false).withRoot(root));
  }

  @Test
  void has_the_words_of_the_schema() {
    assertThat(
            DocumentSchema.named("federation")
                .texts("/definitions/owner/properties/declares/items/enum"))
        .containsExactlyElementsOf(Owners.DECLARABLE);
  }

  static Stream<TableSection> table() {
    return TableSection.table("/federation/owners.txt", "problems");
  }

  private void apply(String files) throws IOException {
    Matcher part = PART.matcher(files);
    while (part.find()) {
      if (part.group(2) == null) {
        write(part.group(1), part.group(3));
      } else {
        Path link = directory.resolve(part.group(1));
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(part.group(2)));
      }
    }
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Rule rule(String name) {
    return loaded(directory).policy().rules().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String good(String file) {
    return Objects.requireNonNull(GOOD.get(file));
  }

  private static String withoutOwners() {
    return good(ROOT).replaceFirst("(?s)^owners:.*?(?=issuers:)", "");
  }

  private String text(List<Problem> problems) {
    return problems.stream()
        .map(problem -> problem.toString().replace(parent + "/", "../") + "\n")
        .collect(Collectors.joining());
  }
}
