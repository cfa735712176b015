package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.yaml.Durations;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.Documented;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.issue.sts.RequestEncoding;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.expression.KeptExpressions;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Terms;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.target.AwsRole;
import dev.tokenbroker.judge.target.GitHubPermission;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.schema.DocumentSchema;
import dev.tokenbroker.schema.Mutations;
import dev.tokenbroker.schema.Mutations.Mutant;
import dev.tokenbroker.schema.TableSection;
import dev.tokenbroker.schema.Unseen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;

/**
 * Holds the schema of federation documents and their loader together: what the loader takes is
 * valid, and what is structurally wrong is not. {@link Unseen} lists what no schema can see. {@code
 * -Dfuzz.mutations=…} tries more mutations, {@code -Dfuzz.seed=…} those of an earlier run.
 */
@Tag("drawn")
class FederationSchemaTest {

  private static final long SEED = Long.getLong("fuzz.seed", 20261128L);
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final DocumentSchema SCHEMA = DocumentSchema.named("federation");

  private static final String PATTERN_CHARS = "abc..//*?[]{},-!^&\\";
  private static final Pattern CASES =
      Pattern.compile(SCHEMA.at("/properties/cases/items/pattern").asText());

  private static final Expressions EXPRESSIONS = new KeptExpressions();
  private static final DocumentReader READER =
      new DocumentReader(EXPRESSIONS, Surroundings.unknown(true), TargetKinds.ALL);

  /** As by default: no http. */
  private static final DocumentReader STRICT_READER =
      new DocumentReader(EXPRESSIONS, Surroundings.unknown(false), TargetKinds.ALL);

  /** A document with every key. */
  private static final String FULL =
      """
      issuers:
        - name: github
          issuer: https://token.actions.githubusercontent.com
          audiences: [https://broker.acme.example, 42]
          algorithms: [RS256, EdDSA]
          leeway: PT1M
          maxTokenAge: 1h
          once: true
          defaultAudience: payments-api
          jwksUri: https://token.actions.githubusercontent.com/keys?all
          tls: corp-ca
          disabled: false
          authorization: {client: corp-idp}
        - {name: lab, issuer: 'https://lab.example', audiences: [broker], jwksFile: keys.json}
        - name: local
          issuer: http://localhost:8080/dev
          audiences: [broker]
          jwks: {keys: [{kty: EC, crv: P-256, kid: 1, x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU, y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0}]}
        - name: cluster
          issuer: https://kubernetes.default.svc.cluster.local
          audiences: [cluster]
          kubernetes: {server: 'https://10.96.0.1:6443', tokenFile: token, caFile: ca.crt, tokenReview: true}
      clients:
        - {name: gateway, secretFile: long-secret, may: [exchange, introspect], disabled: false}
        - {name: agent, jwksUri: 'https://agent.example/keys?all', tls: corp-ca, may: [exchange]}
        - {name: worker, jwksFile: keys.json}
        - {name: local, jwks: {keys: [{kty: EC, crv: P-256, kid: 1, x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU, y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0}]}}
        - {name: 7, issuer: github, subject: 'repo:acme/deploy'}
        - {name: mesh, certificates: [A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0], may: [revoke]}
      upstreams:
        - name: sso
          issuer: https://sso.acme.example
          tokenOrigins: [https://sts.acme.example, "https://sts.acme.example:8443"]
          grant: token-exchange
          clientId: token-broker
          clientSecretFile: secret
          actor: {client: corp-idp, required: true}
        - name: post
          tokenEndpoint: https://sso.acme.example/token?a=b
          clientAuthentication: client_secret_post
          clientId: token-broker
          clientSecretFile: secret
          grant: client-credentials
        - name: partner
          issuer: https://login.partner.example
          tokenEndpoint: https://login.partner.example/token
          clientAuthentication: private_key_jwt
          clientId: acme-broker
          keyFile: key.pem
          keyId: acme 2026
        - {name: bank, issuer: 'https://bank.example', clientAuthentication: tls_client_auth, clientId: a, tls: bank}
        - name: cloud
          issuer: https://sts.example
          clientAuthentication: federated
          grant: client-credentials
          encoding: json
          present: minted
          presentAudience: api://AzureADTokenExchange
          presentLifetime: 2m
          presentAlgorithm: RS256
        - {name: public, issuer: 'https://lab.example', clientAuthentication: none, clientId: 7, grant: jwt-bearer}
      targets:
        - audience: payments-api
          mint: {lifetime: 10m, bind: any, typ: JWT, algorithm: EdDSA}
        - audience: orders
          exchange:
            upstream: sso
            audience: orders-service
            resources: [urn:orders, "https://orders.example/?v=1"]
            scopes: [read]
            allowMoreScopes: true
            parameters: {requested_token_use: on_behalf_of, level: 3}
            present: minted
            presentAudience: urn:sso
            presentLifetime: PT90S
            presentAlgorithm: ES256
        - audience: 42
        - audience: aws
          aws:
            role: arn:aws:iam::123456789012:role/deploy
            endpoint: https://sts.aws.example/
            sessionName: ${claims["kubernetes.io"].pod}
            policy:
              Version: 2012-10-17
              Statement: [{Effect: Allow, Action: ['s3:*'], Resource: '${claims.bucket}', Condition: {Bool: {x: true}}}]
            duration: 30m
            audience: urn:aws
            algorithm: RS256
            tls: corp-ca
        - audience: audit
          aws: {role: 'arn:aws-cn:iam::123456789012:role/a', region: cn-north-1, policy: ['arn:aws:iam::aws:policy/a']}
        - audience: repositories
          github:
            app: Iv23liAbc
            keyFile: app.pem
            owner: acme
            repositories: [41, '42']
            permissions: {contents: write, issues: read, administration: admin}
            baseUrl: https://github.acme.example/api/v3
            tls: corp-ca
        - {audience: apps, github: {apps: [{app: 7, keyFile: app.pem}], owner: 7, permissions: {checks: write}}}
        - {audience: app, github: {app: 7, keyFile: app.pem, installation: 71, permissions: {checks: write}}}
      rules:
        - name: deploy
          issuer: github
          audience: payments-api
          when: claims.ref == "refs/heads/main"
          subject: claims.sub
          scopes: [deploy, read]
          claims: {run: claims.run_id, level: 3, on: true}
          disabled: false
          shadow: false
          outliveCredential: true
        - {name: aws, issuer: github, audience: aws, when: true, outliveCredential: true}
        - {name: audit, issuer: github, audience: audit, when: true, outliveCredential: true}
        - name: repositories
          issuer: github
          audience: repositories
          when: true
          scopes: [contents:read]
          repositories: [41, '42']
          outliveCredential: true
        - {name: ids, issuer: github, audience: repositories, when: true, repositories: '[claims.id]', outliveCredential: true}
        - {name: all, issuer: github, client: gateway, audience: orders, when: true}
        - {name: agents, client: agent, audience: orders, when: true}
      cases: [x.cases.yaml]
      owners:
        - {file: payments.yaml, targets: [payments-api, 42], declares: [targets, cases]}
        - {file: orders_2.yml}
      """;

  private static final String LEAST_ISSUER =
      "issuers: [{name: github, issuer: 'https://a.example', audiences: [broker]}]\n";

  private static final String LEAST_UPSTREAM =
      "upstreams: [{name: sso, issuer: 'https://b.example', clientAuthentication: federated}]\n";

  @TempDir static Path directory;

  @BeforeAll
  static void layOut() throws Exception {
    Files.writeString(directory.resolve("secret"), "s3cret\n");
    Files.writeString(directory.resolve("long-secret"), "0123456789abcdef0123456789abcdef");
    Files.writeString(directory.resolve("keys.json"), Documents.JWKS);
    Files.writeString(directory.resolve("x.cases.yaml"), "");
    KeyPair key = TestKeyFiles.named("Ed25519");
    Files.writeString(directory.resolve("key.pem"), TestKeyFiles.pem(key.getPrivate()));
    KeyPair app = TestKeyFiles.rsa(2048);
    Files.writeString(directory.resolve("app.pem"), TestKeyFiles.pem(app.getPrivate()));
  }

  // --- words and bounds that the code has, too

  @Test
  void has_the_words_of_the_loader() {
    assertWords(
        "/definitions/issuer/properties/algorithms/items",
        Arrays.stream(SigningAlgorithm.values()).map(SigningAlgorithm::jwaName));
    assertWords(
        "/definitions/upstream/properties/grant",
        Stream.of(UpstreamGrant.values()).map(UpstreamGrant::label));
    assertWords(
        "/definitions/upstream/properties/clientAuthentication",
        Arrays.stream(ClientField.Method.values()).map(ClientField.Method::label));
    assertWords(
        "/definitions/upstream/properties/encoding",
        Arrays.stream(RequestEncoding.values()).map(RequestEncoding::label));
    for (String entry : List.of("upstream", "target/properties/exchange")) {
      assertWords(
          "/definitions/" + entry + "/properties/present",
          Arrays.stream(PresentField.Presented.values()).map(PresentField.Presented::label));
    }
    assertWords(
        "/definitions/target/properties/mint/properties/bind",
        Arrays.stream(BindingDemand.values())
            .filter(demand -> demand != BindingDemand.NOTHING && demand != BindingDemand.BEARER)
            .map(BindingDemand::label));
    assertThat(
            SCHEMA.texts(
                "/definitions/target/properties/github/properties/permissions/additionalProperties/enum"))
        .containsExactlyElementsOf(
            Arrays.stream(GitHubPermission.Level.values())
                .map(GitHubPermission.Level::label)
                .toList());
    assertWords(
        "/definitions/rule/properties/claims/propertyNames/not", Terms.RESERVED_CLAIMS.stream());
    assertThat(SCHEMA.keys("/definitions/issuer/properties/jwks/properties/keys/items"))
        .containsExactlyInAnyOrderElementsOf(InlineKeys.SECRETS);
  }

  @Test
  void has_the_bounds_of_the_loader() {
    SCHEMA.assertBound("/properties/upstreams/maxItems", Upstreams.MAX_NAMED);
    SCHEMA.assertBound(
        "/definitions/issuer/properties/jwks/properties/keys/maxItems", KeySetDocument.MAX_KEYS);
    SCHEMA.assertBound(
        "/definitions/issuer/properties/algorithms/maxItems", SigningAlgorithm.values().length);
    SCHEMA.assertBound("/definitions/rule/properties/when/maxLength", Expressions.MAX_CHARS);
    SCHEMA.assertBound("/definitions/rule/properties/subject/maxLength", Expressions.MAX_CHARS);
    SCHEMA.assertBound(
        "/definitions/rule/properties/repositories/maxLength", Expressions.MAX_CHARS);
    for (String entry : List.of("rule", "target/properties/github")) {
      SCHEMA.assertBound(
          "/definitions/" + entry + "/properties/repositories/maxItems",
          GitHubPermission.MAX_REPOSITORIES);
    }
    SCHEMA.assertBound("/properties/cases/items/maxLength", Fields.MAX_TEXT_CHARS);
    for (String text : List.of("text", "clean", "printable", "resource")) {
      SCHEMA.assertBound("/definitions/" + text + "/maxLength", Fields.MAX_TEXT_CHARS);
    }
  }

  @Test
  void has_the_defaults_of_the_loader() {
    assertThat(duration("/definitions/issuer/properties/leeway/default"))
        .isEqualTo(IssuerSection.DEFAULT_LEEWAY);
    assertThat(duration("/definitions/target/properties/mint/properties/lifetime/default"))
        .isEqualTo(Target.DEFAULT_LIFETIME);
    assertThat(duration("/definitions/upstream/properties/presentLifetime/default"))
        .isEqualTo(Presentation.Minted.DEFAULT_LIFETIME);
    assertThat(SCHEMA.at("/definitions/upstream/properties/encoding/default").asText())
        .isEqualTo(RequestEncoding.FORM.label());
    assertThat(SCHEMA.at("/definitions/upstream/properties/grant/default").asText())
        .isEqualTo(UpstreamGrant.TOKEN_EXCHANGE.label());
  }

  @Test
  void has_the_bounds_of_durations_in_short_form() {
    String lifetime = "/definitions/target/properties/mint/properties/lifetime";
    DurationBounds.of(SCHEMA, "/definitions/issuer/properties/leeway")
        .assertAre(Duration.ZERO, TrustedIssuer.MAX_LEEWAY);
    DurationBounds.of(SCHEMA, "/definitions/issuer/properties/maxTokenAge")
        .assertAre(IssuerSection.MIN_TOKEN_AGE, IssuerSection.MAX_TOKEN_AGE);
    DurationBounds.of(SCHEMA, lifetime).assertAre(Target.MIN_LIFETIME, Target.MAX_LIFETIME);
    DurationBounds.of(SCHEMA, "/definitions/target/properties/aws/properties/duration")
        .assertAre(AwsRole.MIN_DURATION, AwsRole.MAX_DURATION);
    for (String entry : List.of("upstream", "target/properties/exchange")) {
      DurationBounds.of(SCHEMA, "/definitions/" + entry + "/properties/presentLifetime")
          .assertAre(Presentation.Minted.MIN_LIFETIME, Presentation.Minted.MAX_LIFETIME);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PT1M",
        "PT90S",
        "PT0.5S",
        "PT1M-30S",
        "P0D",
        "P0DT2M",
        "PT1m30s",
        "PT",
        "P",
        "P1M",
        "PT1",
        "60",
        "1d",
        "1 m",
        "1M",
        "T1M",
        "PT1M ",
        "PT1,5S",
        "1234567890ms",
        "PT+1M",
        "P0DT",
      })
  void agrees_on_notations_of_durations(String text) {
    assertThat(DurationBounds.of(SCHEMA, "/definitions/issuer/properties/leeway").takes(text))
        .isEqualTo(Durations.parse(text).isPresent());
  }

  @Test
  void refuses_parameters_that_the_request_sets_in_any_case() {
    Pattern reserved =
        Pattern.compile(
            SCHEMA
                .at(
                    "/definitions/target/properties/exchange/properties/parameters/propertyNames/not/pattern")
                .asText());
    for (String name : Upstream.RESERVED_PARAMETERS) {
      assertThat(name).matches(reserved);
      assertThat(name.toUpperCase(Locale.ROOT)).matches(reserved);
    }
    assertThat(reserved.pattern().split("\\|", -1)).hasSameSizeAs(Upstream.RESERVED_PARAMETERS);
  }

  @ParameterizedTest
  @CsvSource({
    "https://issuer.example",
    "https://issuer.example/",
    "https://issuer.example:8443/realms/a%20b;c=d,e@f",
    "https://issuer.example:/",
    "https://[::1]:8443/a",
    "https://127.0.0.1",
    "https://issuer.example/bücher",
    "http://localhost:8080/dev",
    "http://127.0.0.1",
    "http://[::1]/",
    "http://issuer.example",
    "http://localhost.example",
    "HTTPS://issuer.example",
    "ftp://issuer.example",
    "https:issuer.example",
    "https:///a",
    "//issuer.example",
    "https://me@issuer.example",
    "https://me:secret@issuer.example",
    "https://issuer.example/a b",
    "https://issuer.example/{a}",
    "https://issuer.example/[a]",
    "https://issuer.example/a|b",
    "https://issuer.example?a=b",
    "https://issuer.example/a?b#c",
    "https://issuer.example#a",
    "https://issuer_example/",
  })
  void agrees_on_urls(String url) {
    assertThat(takes("issuer", url)).isEqualTo(Addresses.fault(url, false, true).isEmpty());
    assertThat(takes("jwksUri", url)).isEqualTo(Addresses.fault(url, true, true).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x.cases.yaml",
        "x.cases.yml",
        ".cases.yaml",
        "tests/x.cases.yaml",
        "tests//./x.cases.yaml",
        "tests/..x/y...cases.yaml",
        "tests/a b/ü.cases.yaml",
        "tests/*.cases.yaml",
        "tests/{a,b}?[c-d].cases.yaml",
        "{}.cases.yaml",
        "[[].cases.yaml",
        "[{].cases.yaml",
        "{[}]}.cases.yaml",
        "}].cases.yaml",
        "\\{\\[\\*.cases.yaml",
        "/x.cases.yaml",
        "../x.cases.yaml",
        "tests/../x.cases.yaml",
        "tests/x.cases.yaml/..",
        "tests\n/../x.cases.yaml",
        "x.yaml",
        "x.cases.yaml ",
        "x.cases.yaml\n",
        "x.cases.json",
        "X.CASES.YAML",
        "x.cases.yaml/",
        "x.cases.y*",
        "*/x.cases.yaml",
        "a?/x.cases.yaml",
        "[a]/x.cases.yaml",
        "{a,b}/x.cases.yaml",
        "a\\/x.cases.yaml",
        "{a.cases.yaml,b.cases.yaml}",
        "{a.cases.yaml",
        "{a{b}}.cases.yaml",
        "[a.cases.yaml",
        "[].cases.yaml",
        "{[a}.cases.yaml",
        "a\0b.cases.yaml",
        "a\0b/c.cases.yaml",
      })
  void agrees_on_patterns_of_case_files(String pattern) {
    assertThat(takesCases(pattern)).isEqualTo(problemsOfCases(pattern).isEmpty());
  }

  @Test
  void agrees_on_made_up_patterns_of_case_files() {
    SplittableRandom random = new SplittableRandom(SEED);
    int taken = 0;
    for (int left = MUTATIONS; left > 0; left--) {
      String pattern =
          random
              .ints(random.nextInt(1, 9), 0, PATTERN_CHARS.length())
              .mapToObj(at -> PATTERN_CHARS.substring(at, at + 1))
              .collect(Collectors.joining("", "", ".cases.yaml"));
      List<Problem> problems = problemsOfCases(pattern);
      if (problems.isEmpty()) {
        assertThat(takesCases(pattern)).as(pattern).isTrue();
        taken++;
      } else if (Unseen.isStructural(problems)) {
        assertThat(takesCases(pattern)).as(pattern).isFalse();
      }
    }
    assertThat(taken).isBetween(MUTATIONS / 10, MUTATIONS * 9 / 10);
  }

  /** What no schema sees: that the characters of a range descend. */
  @Test
  void takes_patterns_of_case_files_with_a_range_that_descends() {
    assertThat(takesCases("[b-a].cases.yaml")).isTrue();
    assertThat(problemsOfCases("[b-a].cases.yaml")).hasSize(1);
  }

  // --- documents

  @Test
  void the_full_document_has_every_key() {
    JsonNode document = DocumentSchema.seen(FULL).orElseThrow();

    assertThat(problems(FULL)).isEmpty();
    assertThat(document.properties()).hasSameSizeAs(SCHEMA.keys(""));
    assertUsed(document.at("/issuers"), "issuer");
    assertThat(document.at("/issuers/3/kubernetes"))
        .hasSameSizeAs(SCHEMA.keys("/definitions/issuer/properties/kubernetes"));
    assertUsed(document.at("/upstreams"), "upstream");
    assertUsed(document.at("/targets"), "target");
    assertUsed(document.at("/rules"), "rule");
    assertThat(document.at("/targets/0/mint"))
        .hasSameSizeAs(SCHEMA.keys("/definitions/target/properties/mint"));
    assertThat(document.at("/targets/1/exchange"))
        .hasSameSizeAs(SCHEMA.keys("/definitions/target/properties/exchange"));
    assertThat(List.of("targets/5", "targets/6", "targets/7"))
        .flatExtracting(at -> names(document.at("/" + at + "/github")))
        .containsAll(SCHEMA.keys("/definitions/target/properties/github"));
  }

  static Stream<String> goodDocuments() throws IOException {
    String kubernetes = Files.readString(Path.of("src/main/kubernetes/federation.yaml"));
    List<String> good =
        new ArrayList<>(
            List.of(
                FULL,
                Documents.GOOD,
                Documents.EXCHANGING,
                "# nothing yet\n",
                "issuers:\nupstreams:\ntargets:\nrules:\ncases:\n",
                Files.readString(Path.of("docker/broker/federation.yaml")),
                Files.readString(
                    Path.of("src/dev/resources/dev/tokenbroker/devissuer/federation.yaml")),
                kubernetes.replaceFirst("(?s).*\n  federation.yaml: \\|2\n", "")));
    good.addAll(Documented.federations());
    return good.stream();
  }

  @ParameterizedTest
  @MethodSource("goodDocuments")
  void takes_good_documents(String document) {
    assertThat(SCHEMA.faults(document)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.evaluate.federation.document.BadDocumentsTest#table")
  void refuses_bad_documents_whose_problem_is_structural(TableSection bad) {
    List<Problem> problems = problems(STRICT_READER, bad.text());

    assertThat(problems).isNotEmpty();

    if (DocumentSchema.seen(bad.text()).isPresent() && Unseen.isStructural(problems)) {
      assertThat(SCHEMA.faults(bad.text())).isNotEmpty();
    }
  }

  /** The contract: an editor takes only these for good, of the kinds of {@link Unseen}. */
  @Test
  void takes_these_bad_documents_only() {
    assertThat(
            BadDocumentsTest.table()
                .filter(bad -> SCHEMA.faults(bad.text()).isEmpty())
                .map(TableSection::name))
        .containsExactly(
            // nothing, or no YAML that the loader takes; editors report most of it themselves
            "nothing but a comment",
            "no issuer",
            "broken indentation",
            "a tab for indentation",
            "an unclosed quote",
            "a control character",
            "a second document",
            "an anchor and an alias",
            "a tag",
            "nesting without end",
            "a key that stands twice",
            "a section that stands twice",
            "a key that is a list",
            // duplicates, bounds in ISO 8601, content of files
            "two issuers of a name",
            "two issuers of a URL",
            "a default target that is none",
            "a negative leeway",
            "a key file that does not exist",
            "a target twice",
            "two upstreams of a name",
            "a secret file that does not exist",
            "two secret files that do not exist, in one line",
            "a secret file of several lines",
            "a secret that is written into the path",
            "a key file that holds no key",
            "a key that is written into the path",
            // references
            "a presentation of a target to an upstream that sees nothing of the identity",
            "a minted JWT for the audience of a target",
            "a minted JWT for the audience of its own target",
            "a minted JWT whose default audience is a target",
            "a minted JWT for an audience that the broker accepts itself",
            "an audience of a JWT that an upstream does not get",
            "a target of an undeclared upstream",
            "a target of an upstream without a name like it",
            "a rule that says what an exchanged token holds",
            "a rule of an undeclared issuer",
            "a rule of an undeclared target",
            "two rules of a name",
            // expressions
            "a condition with an undeclared variable",
            "a condition that ends early",
            "a condition that is no bool",
            "a condition of wrong types",
            "a condition with a broken regular expression",
            "a condition over several lines",
            "a subject with unquoted text",
            "a claim that is no JSON",
            "a subject that stands for a client",
            "a policy of AWS that is too long",
            "a role of AWS with the name of an upstream",
            "a JWT for AWS that is a token for a target",
            "rules for a role of AWS that promise too much");
  }

  @Test
  void agrees_with_the_loader_on_each_telling_change() {
    Stream<Mutant> mutants =
        sections().stream()
            .flatMap(section -> new Mutations(section.document()).telling(section.name()));

    assertThat(mutants.filter(FederationSchemaTest::takenByBoth).count()).isGreaterThan(44);
  }

  @Tag("whole")
  @Test
  void agrees_with_the_loader_on_each_single_change() {
    Stream<Mutant> mutants =
        sections().stream()
            .flatMap(section -> new Mutations(section.document()).single(section.name()));

    assertThat(mutants.filter(FederationSchemaTest::takenByBoth).count()).isGreaterThan(400);
  }

  @Test
  void agrees_with_the_loader_on_several_changes() {
    System.out.printf("FederationSchemaTest: %d mutations, seed %d%n", MUTATIONS, SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    List<Mutations> mutations =
        Stream.concat(sections().stream().map(Section::document), Stream.of(withoutKeysAndRules()))
            .map(Mutations::new)
            .toList();

    long taken =
        Stream.generate(() -> mutations.get(random.nextInt(mutations.size())).several(random))
            .limit(MUTATIONS)
            .filter(FederationSchemaTest::takenByBoth)
            .count();

    assertThat(taken).isPositive();
  }

  /** An editor finds it where the author works: in the sources, or beside the running broker. */
  @Test
  void is_named_by_the_documents_that_are_edited_in_place() throws IOException {
    Path schema = Path.of("src/main/resources/dev/tokenbroker/schema/federation.schema.json");
    assertThat(named(Path.of("docker/broker/federation.yaml"), Path.of("docker/broker")))
        .isEqualTo(schema);
    assertThat(
            named(
                Path.of("src/dev/resources/dev/tokenbroker/devissuer/federation.yaml"),
                Path.of("target")))
        .isEqualTo(schema);
  }

  private record Section(String name, ObjectNode document) {

    /** That section of the full document, and what it needs. */
    static Section of(String name, String needed) {
      ObjectNode document = seen(needed + name + ":\n");
      document.set(name, seen(FULL).get(name));
      return new Section(name, document);
    }

    Section without(Predicate<JsonNode> unwanted) {
      removeEntries(document.get(name), unwanted);
      return this;
    }
  }

  /**
   * The sections of the full document, each with the least that it needs: what takes long to read,
   * such as the private key, is not read again for each change of the rest.
   */
  private static List<Section> sections() {
    return List.of(
        Section.of("issuers", "targets: [{audience: payments-api}]\n"),
        Section.of("clients", LEAST_ISSUER),
        Section.of("upstreams", LEAST_ISSUER).without(FederationSchemaTest::hasKey),
        Section.of("upstreams", LEAST_ISSUER).without(one -> !hasKey(one)),
        Section.of("targets", LEAST_ISSUER + LEAST_UPSTREAM),
        Section.of(
            "rules",
            LEAST_ISSUER
                + "clients: [{name: gateway, issuer: github, subject: a}, {name: agent, issuer: github, subject: b}]\n"
                + "targets: [{audience: payments-api}, {audience: orders}, {audience: repositories,"
                + " github: {app: 1, keyFile: app.pem, owner: acme, permissions: {contents: write}}}]\n"),
        Section.of("cases", LEAST_ISSUER),
        Section.of(
            "owners", LEAST_ISSUER + "targets: [{audience: payments-api}, {audience: 42}]\n"));
  }

  /** Most sections together, so that changes meet. */
  private static JsonNode withoutKeysAndRules() {
    ObjectNode document = seen(FULL);
    removeEntries(document.get("upstreams"), FederationSchemaTest::hasKey);
    return document.without("rules");
  }

  private static ObjectNode seen(String document) {
    return (ObjectNode) DocumentSchema.seen(document).orElseThrow();
  }

  private static void removeEntries(JsonNode list, Predicate<JsonNode> unwanted) {
    for (Iterator<JsonNode> left = list.elements(); left.hasNext(); ) {
      if (unwanted.test(left.next())) {
        left.remove();
      }
    }
  }

  private static boolean hasKey(JsonNode upstream) {
    return upstream.has("keyFile");
  }

  private static boolean takenByBoth(Mutant mutant) {
    return SCHEMA.takenByBoth(mutant, problems(mutant.text()));
  }

  private static List<Problem> problems(String document) {
    return problems(READER, document);
  }

  /** By the reader alone: whether the files stay as they are is not asked here. */
  private static List<Problem> problems(DocumentReader reader, String document) {
    Problems problems = new Problems();
    Path file = directory.resolve("federation.yaml").toAbsolutePath();
    Path root = document.contains("owners") ? file : null;
    List<Source> sources =
        List.of(
            new Source(file.toString(), document),
            new Source("payments.yaml", ""),
            new Source("orders_2.yml", ""));
    reader.read(sources, new SourceFiles(directory, root, null), problems);
    return problems.sorted();
  }

  private static boolean takes(String key, String url) {
    String pattern = SCHEMA.at("/definitions/issuer/properties/" + key + "/pattern").asText();
    return Pattern.compile(pattern).matcher(url).find();
  }

  private static boolean takesCases(String pattern) {
    return CASES.matcher(pattern).find();
  }

  private static List<Problem> problemsOfCases(String pattern) {
    Problems problems = new Problems();
    CasePattern.parse(
        new Scalar(pattern, ScalarStyle.DOUBLE_QUOTED, new Place("federation.yaml", 1)), problems);
    return problems.sorted();
  }

  private static Duration duration(String pointer) {
    return Durations.parse(SCHEMA.at(pointer).asText()).orElseThrow();
  }

  /** The schema that the first line of a document names, for an editor in that directory. */
  private static Path named(Path document, Path directory) throws IOException {
    String line = Files.readAllLines(document).getFirst();
    MatchResult modeline =
        Pattern.compile("# yaml-language-server: \\$schema=(\\S+)")
            .matcher(line)
            .results()
            .findFirst()
            .orElseThrow();
    return directory.resolve(modeline.group(1)).normalize();
  }

  private static void assertWords(String pointer, Stream<String> words) {
    assertThat(SCHEMA.texts(pointer + "/enum")).containsExactlyInAnyOrderElementsOf(words.toList());
  }

  private static List<String> names(JsonNode entry) {
    return entry.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static void assertUsed(JsonNode entries, String definition) {
    assertThat(entries)
        .flatExtracting(FederationSchemaTest::names)
        .containsAll(SCHEMA.keys("/definitions/" + definition));
  }
}
