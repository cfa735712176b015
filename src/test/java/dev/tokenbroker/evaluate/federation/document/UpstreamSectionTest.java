package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.RequestEncoding;
import dev.tokenbroker.issue.sts.SecretText;
import dev.tokenbroker.issue.sts.StsKind;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.peers.http.Origin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Good documents with upstreams, the files they name, and their revisions. */
class UpstreamSectionTest {

  private static final String SSO = "https://sso.acme.example/realms/prod";
  private static final String BASIC =
      """
          issuer: https://sso.acme.example/realms/prod
          clientId: token-broker
          clientSecretFile: secret
      """;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void writeSecrets() {
    file = directory.resolve("federation.yaml");
    Documents.write(directory.resolve("secret"), "s3cret\n");
    Documents.write(directory.resolve("key.pem"), pem());
  }

  @Test
  void reads_an_upstream_and_its_target_in_any_order() {
    Federation federation = load(Documents.EXCHANGING);
    assertThat(definition(federation))
        .isEqualTo(
            new UpstreamDefinition(
                "sso",
                SSO,
                null,
                Set.of(),
                TestUpstreams.sts(
                    UpstreamGrant.TOKEN_EXCHANGE,
                    new ClientAuthentication.Basic(
                        "token-broker", directory.toAbsolutePath().resolve("secret"))),
                null));
    assertThat(federation.upstreams()).containsOnlyKeys("sso");
    assertThat(federation.policy().targets())
        .contains(
            new Target(
                "orders",
                ExchangeGrants.exchange(
                    "sso",
                    "orders-service",
                    List.of("https://orders.example/?v=1", "urn:orders"),
                    List.of("a", "b"),
                    Map.of("requested_token_use", "on_behalf_of"))));
  }

  @Test
  void an_exchange_needs_nothing_but_its_upstream() {
    Supply supply = supplied("{upstream: sso}");
    assertThat(supply).isEqualTo(ExchangeGrants.exchange("sso", null, List.of(), null, Map.of()));
  }

  @Test
  void scopes_that_are_an_empty_list_ask_for_none() {
    Supply supply = supplied("{upstream: sso, scopes: []}");
    assertThat(supply)
        .isEqualTo(ExchangeGrants.exchange("sso", null, List.of(), List.of(), Map.of()));
  }

  @Test
  void more_scopes_are_allowed_only_where_the_target_says_so() {
    Supply allowing = supplied("{upstream: sso, allowMoreScopes: true}");
    assertThat(allowing)
        .isEqualTo(
            new Supply.Exchange(
                "sso", null, List.of(), null, true, Map.of(), Presentation.CREDENTIAL));
    Supply refusing = supplied("{upstream: sso, allowMoreScopes: false}");
    assertThat(refusing).isEqualTo(ExchangeGrants.exchange("sso", null, List.of(), null, Map.of()));
  }

  @Test
  void parameters_are_text_as_written_and_may_name_the_token_type() {
    String exchange =
        "{upstream: sso, parameters: {requested_token_type: 'urn:x', x.y-z: 010, acr: no}}";
    assertThat(supplied(exchange))
        .isEqualTo(
            ExchangeGrants.exchange(
                "sso",
                null,
                List.of(),
                null,
                Map.of("requested_token_type", "urn:x", "x.y-z", "010", "acr", "no")));
  }

  @ParameterizedTest
  @CsvSource({
    "token-exchange, TOKEN_EXCHANGE",
    "jwt-bearer, JWT_BEARER",
    "client-credentials, CLIENT_CREDENTIALS"
  })
  void each_grant_has_its_name(String label, UpstreamGrant grant) {
    Federation federation = load(document(BASIC + "    grant: " + label + "\n", "{upstream: sso}"));
    assertThat(sts(definition(federation)).grant()).isEqualTo(grant);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "client_secret_basic | clientSecretFile: secret      | Basic",
        "client_secret_post  | clientSecretFile: secret      | Post",
        "private_key_jwt     | keyFile: key.pem              | PrivateKeyJwt",
        "private_key_jwt     | {keyFile: key.pem, keyId: k1} | PrivateKeyJwt",
        "tls_client_auth     | tls: corp                     | MutualTls",
        "federated           | ''                            | Federated",
        "none                | ''                            | NoAuthentication",
      })
  void each_client_authentication_has_its_keys(String method, String keys, String type) {
    Federation federation = load(document(client(method, "token-broker", keys), "{upstream: sso}"));
    ClientAuthentication authentication = sts(definition(federation)).authentication();
    assertThat(authentication.getClass().getSimpleName()).isEqualTo(type);
    assertThat(authentication.clientId()).isEqualTo("token-broker");
    if (authentication instanceof ClientAuthentication.PrivateKeyJwt key) {
      assertThat(key.file()).isEqualTo(directory.toAbsolutePath().resolve("key.pem"));
      assertThat(key.keyId()).isEqualTo(keys.contains("keyId") ? "k1" : null);
    }
  }

  @Test
  void a_public_client_needs_no_id_if_something_proves_its_identity() {
    String upstream = "    issuer: " + SSO + "\n    clientAuthentication: none\n";
    assertThat(sts(defined(upstream)).authentication())
        .isEqualTo(new ClientAuthentication.NoAuthentication(null));
  }

  @Test
  void client_credentials_may_be_federated() {
    String upstream = client("federated", "c", "grant: client-credentials");
    UpstreamDefinition definition = defined(upstream);
    assertThat(sts(definition).presentsIdentity()).isTrue();
    assertThat(definition.kind().mayUseUp(ExchangeGrants.plain().presentation())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"form, FORM", "json, JSON"})
  void each_encoding_has_its_name(String label, RequestEncoding encoding) {
    String upstream = BASIC + "    encoding: " + label + "\n";
    assertThat(sts(defined(upstream)).encoding()).isEqualTo(encoding);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                     | {}                               | ''",
        "present: credential                    | {}                               | ''",
        "present: minted                        | {}                               | https://sso.acme.example/realms/prod 60",
        "present: minted                        | {presentLifetime: 5m}            | https://sso.acme.example/realms/prod 300",
        "present: minted                        | {presentAudience: urn:b}          | urn:b 60",
        "present: minted                        | {present: credential}            | ''",
        "present: minted, presentAudience: urn:a | {}                              | urn:a 60",
        "present: minted, presentAudience: urn:a | {presentAudience: urn:b}         | urn:b 60",
        "present: minted, presentLifetime: 90s  | {present: minted}                | https://sso.acme.example/realms/prod 90",
        "''                                     | {present: minted, presentLifetime: PT2M} | https://sso.acme.example/realms/prod 120",
        "present: minted, presentAlgorithm: RS256 | {presentAudience: urn:b}       | urn:b 60 RS256",
        "present: minted, presentAlgorithm: RS256 | {presentAlgorithm: ES256}      | https://sso.acme.example/realms/prod 60 ES256",
      })
  void what_an_upstream_gets_to_see_is_said_there_and_at_the_target(
      String keys, String exchange, String minted) {
    String upstream = BASIC + "    " + keys.replace(", ", "\n    ") + "\n";
    Presentation presentation = presentation(load(document(upstream, exchanging(exchange))));
    String told =
        presentation instanceof Presentation.Minted it
            ? it.audience()
                + " "
                + it.lifetime().toSeconds()
                + (it.algorithm() == null ? "" : " " + it.algorithm())
            : "";
    assertThat(load(document(upstream, exchanging(exchange))).signatures())
        .hasSize(told.contains("S256") ? 1 : 0);
    assertThat(told).isEqualTo(minted);
  }

  @Test
  void a_minted_jwt_is_for_the_token_endpoint_without_an_issuer() {
    String upstream =
        BASIC.replace("issuer: " + SSO, "tokenEndpoint: https://sso.example/t?p=1")
            + "    present: minted\n";
    assertThat(presentation(upstream(upstream)))
        .isEqualTo(new Presentation.Minted("https://sso.example/t?p=1", Duration.ofMinutes(1)));
  }

  @Test
  void a_minted_jwt_uses_up_no_credential() {
    String upstream = BASIC + "    grant: jwt-bearer\n";
    for (String exchange : List.of("{}", "{present: minted}")) {
      Federation federation = load(document(upstream, exchanging(exchange)));
      assertThat(federation.canRepeat(supply(federation))).isEqualTo(exchange.contains("minted"));
    }
  }

  @Test
  void a_rule_says_what_a_minted_jwt_holds() {
    String rule =
        """
        rules:
          - name: orders
            issuer: github
            audience: orders
            when: true
            subject: '"repo:" + claims.repository'
            claims:
              https://aws.amazon.com/tags: '{"principal_tags": {"team": [claims.team]}}'
        """;
    Federation federation = load(document(BASIC, exchanging("{present: minted}")) + rule);
    assertThat(federation.policy().rules().getFirst().terms().claims())
        .containsOnlyKeys("https://aws.amazon.com/tags");
    Documents.write(file, document(BASIC, "{upstream: sso}") + rule);
    assertThat(Documents.problems(file)).hasSize(2);
  }

  @Test
  void a_federated_client_needs_no_identifier() {
    String upstream = "    issuer: " + SSO + "\n    clientAuthentication: federated\n";
    assertThat(sts(defined(upstream)).authentication())
        .isEqualTo(new ClientAuthentication.Federated(null));
  }

  @Test
  void a_token_endpoint_spares_discovery_and_may_have_a_query() {
    String upstream = BASIC.replace("issuer: " + SSO, "tokenEndpoint: https://sso.example/t?p=1");
    UpstreamDefinition definition = defined(upstream);
    assertThat(definition.issuer()).isNull();
    assertThat(definition.tokenEndpoint()).isEqualTo(URI.create("https://sso.example/t?p=1"));
  }

  @Test
  void compares_token_endpoint_origins_whatever_their_spelling() {
    UpstreamDefinition upstream =
        definition(
            load(
                Documents.EXCHANGING.replace(
                    "issuer: " + SSO,
                    "issuer: " + SSO + "\n    tokenOrigins: ['https://STS.example:443']")));

    assertThat(upstream.tokenOrigins())
        .containsExactly(Origin.of(URI.create("https://sts.example")));
    assertThat(upstream.tokenOrigins()).hasToString("[https://sts.example]");
  }

  @Test
  void issuer_and_token_endpoint_stand_together_for_private_key_jwt() {
    String upstream =
        client("private_key_jwt", "c", "keyFile: key.pem")
            + "    tokenEndpoint: https://sso.example/t\n";
    UpstreamDefinition definition = defined(upstream);
    assertThat(definition.issuer()).isEqualTo(SSO);
    assertThat(definition.tokenEndpoint()).isEqualTo(URI.create("https://sso.example/t"));
  }

  @Test
  void http_is_for_loopback_only_and_only_when_allowed() {
    String local = BASIC.replace(SSO, "http://127.0.0.1:8081");
    Documents.write(file, document(local, "{upstream: sso}"));
    assertThat(Documents.problems(file)).hasSize(1);
    assertThat(Documents.loader(true).load(file)).isInstanceOf(LoadResult.Loaded.class);
    Documents.write(file, document(BASIC.replace("https:", "http:"), "{upstream: sso}"));
    assertThat(Documents.loader(true).load(file)).isInstanceOf(LoadResult.Rejected.class);
  }

  @Test
  void an_upstream_may_stand_unused() {
    String unused = document(BASIC, "{upstream: sso}").replaceAll("(?s)targets:.*$", "");
    assertThat(load(unused).upstreams()).containsOnlyKeys("sso");
  }

  @Test
  void files_are_found_from_the_directory_of_the_document() {
    Federation federation = loaded(directory, document(BASIC, "{upstream: sso}"));
    assertThat(sts(definition(federation)).authentication())
        .isEqualTo(
            new ClientAuthentication.Basic(
                "token-broker", directory.toAbsolutePath().resolve("secret")));
    String absolute = BASIC.replace(": secret", ": " + directory.resolve("secret"));
    assertThat(sts(defined(absolute)).authentication())
        .isEqualTo(sts(definition(federation)).authentication());
  }

  @Test
  void files_with_secrets_are_watched() {
    Documents.write(file, document(BASIC, "{upstream: sso}"));
    LoadResult.Look look = Documents.loader(false).load(file).look();
    assertThat(look.keyFiles()).isEqualTo(Set.of(Path.of("secret")));
    assertThat(SourceFiles.fingerprint(file, look)).isEqualTo(look.fingerprint());
    Documents.write(directory.resolve("secret"), "another");
    assertThat(SourceFiles.fingerprint(file, look)).isNotEqualTo(look.fingerprint());
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret", "s3cret\n", "s3cret\r\n", " with blanks ", "~!@#"})
  void a_secret_is_one_line(String content) {
    Documents.write(directory.resolve("secret"), content);
    assertThat(upstream(BASIC).upstreams()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', holds nothing",
    "'\n', holds nothing",
    "'\r\n', holds nothing",
    "'a\nb', holds more than one line",
    "'a\n\n', holds more than one line",
    "'a\rb', holds more than one line",
    "'a\tb', holds other characters than printable ASCII (RFC 6749 appendix A.2)",
    "'pässword', holds other characters than printable ASCII (RFC 6749 appendix A.2)",
    "'\uFEFFsecret', holds other characters than printable ASCII (RFC 6749 appendix A.2)"
  })
  void a_secret_that_cannot_be_one_is_refused(String content, String fault) {
    Documents.write(directory.resolve("secret"), content);
    assertRefused(BASIC, "the file of 'clientSecretFile' " + fault);
  }

  @Test
  void files_that_are_too_large_are_refused() {
    Path secret = directory.resolve("secret");
    Documents.write(secret, "s".repeat(SecretText.MAX_BYTES));
    assertThat(upstream(BASIC).upstreams()).isNotEmpty();
    Documents.write(secret, "s".repeat(SecretText.MAX_BYTES + 1));
    assertRefused(BASIC, "the file of 'clientSecretFile' holds more than 4 KiB");
    Documents.write(secret, "s".repeat(SourceFiles.MAX_KEY_FILE_BYTES + 1));
    assertRefused(
        BASIC, "the file of 'clientSecretFile' cannot be read: it is larger than 256 KiB");
    Documents.write(directory.resolve("key.pem"), pem() + "#".repeat(SecretFiles.MAX_KEY_BYTES));
    assertRefused(
        client("private_key_jwt", "c", "keyFile: key.pem"),
        "the file of 'keyFile' is larger than 64 KiB");
  }

  @Test
  void a_file_that_changes_from_too_large_settles() {
    Documents.write(directory.resolve("secret"), "s".repeat(SourceFiles.MAX_KEY_FILE_BYTES + 1));
    Documents.write(file, document(BASIC, "{upstream: sso}"));
    LoadResult.Look look = Documents.loader(false).load(file).look();
    assertThat(SourceFiles.fingerprint(file, look)).isEqualTo(look.fingerprint());
  }

  @Test
  void a_directory_is_no_file() throws IOException {
    Files.delete(directory.resolve("secret"));
    Files.createDirectory(directory.resolve("secret"));
    assertRefused(BASIC, "the file of 'clientSecretFile' cannot be read: it is not a regular file");
  }

  @Test
  void a_key_file_holds_exactly_one_private_key() {
    String upstream = client("private_key_jwt", "c", "keyFile: key.pem");
    Documents.write(directory.resolve("key.pem"), pem() + pem());
    assertRefused(upstream, "the file of 'keyFile' holds 2 private keys");
    Documents.write(directory.resolve("key.pem"), "");
    assertRefused(
        upstream,
        "the file of 'keyFile' holds no private key: neither a PEM block PRIVATE KEY nor a JWK nor"
            + " a JWK set");
    Documents.write(directory.resolve("key.pem"), Documents.JWKS);
    assertRefused(upstream, "the file of 'keyFile' holds a JWK without its private part");
  }

  @Test
  void a_secret_written_in_the_stead_of_a_path_is_not_repeated() {
    String upstream = BASIC.replace(": secret", ": hunter2-hunter2");
    Documents.write(file, document(upstream, "{upstream: sso}"));
    assertThat(Documents.problems(file))
        .singleElement()
        .asString()
        .contains("it does not exist")
        .doesNotContain("hunter2");
    Documents.write(file, document(BASIC + "    clientSecret: hunter2\n", "{upstream: sso}"));
    assertThat(Documents.problems(file)).singleElement().asString().doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "    grant: jwt-bearer",
        "    clientAuthentication: client_secret_post",
        "    tls: corp",
        "    encoding: json",
        "    present: minted",
      })
  void every_key_added_to_an_upstream_changes_the_revision(String line) {
    assertThat(revision(BASIC + line + "\n")).isNotEqualTo(revision(BASIC));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{upstream: sso, audience: a}",
        "{upstream: sso, resources: ['urn:a']}",
        "{upstream: sso, scopes: []}",
        "{upstream: sso, scopes: [a]}",
        "{upstream: sso, parameters: {a: b}}",
        "{upstream: sso, present: minted}",
      })
  void every_key_added_to_an_exchange_changes_the_revision(String exchange) {
    assertThat(revision(BASIC, exchange)).isNotEqualTo(revision(BASIC));
  }

  @ParameterizedTest
  @CsvSource({"realms/prod, realms/test", "token-broker, broker", ": secret, : ./secret"})
  void every_change_of_an_upstream_changes_the_revision(String from, String to) {
    assertThat(revision(BASIC.replace(from, to))).isNotEqualTo(revision(BASIC));
  }

  @Test
  void different_client_authentications_have_different_revisions() {
    assertThat(
            Set.of(
                revision(client("federated", "c", "")),
                revision(client("none", "c", "")),
                revision(client("tls_client_auth", "c", "tls: corp")),
                revision(client("private_key_jwt", "c", "keyFile: key.pem")),
                revision(
                    client("private_key_jwt", "c", "{keyFile: key.pem, keyId: k1}"),
                    "{upstream: sso}")))
        .hasSize(5);
  }

  @Test
  void a_secret_is_no_part_of_the_revision() {
    String before = revision(BASIC);
    Documents.write(directory.resolve("secret"), "another");
    assertThat(revision(BASIC)).isEqualTo(before);
  }

  @Test
  void the_example_of_the_reference_is_good() throws IOException {
    String reference = Files.readString(Path.of("src/docs/use/federation.md"));
    int begin = reference.indexOf("```yaml\nupstreams:") + "```yaml\n".length();
    String example =
        reference
            .substring(begin, reference.indexOf("```", begin))
            .replaceAll("/run/secrets/\\S+", "secret")
            .replace("keys/partner.pem", "key.pem");
    Federation federation =
        load("issuers: [{name: a, issuer: 'https://a.example', audiences: [x]}]\n" + example);
    assertThat(federation.upstreams())
        .containsOnlyKeys("corp-sso", "partner", "billing", "bank", "cloud", "lab");
  }

  private Federation upstream(String lines) {
    return load(document(lines, "{upstream: sso}"));
  }

  private UpstreamDefinition defined(String upstream) {
    return definition(upstream(upstream));
  }

  private Supply supplied(String exchange) {
    return supply(load(document(BASIC, exchange)));
  }

  private String revision(String upstream) {
    return upstream(upstream).revision();
  }

  private String revision(String upstream, String exchange) {
    return load(document(upstream, exchange)).revision();
  }

  private void assertRefused(String upstream, String message) {
    Documents.write(file, document(upstream, "{upstream: sso}"));
    assertThat(Documents.problems(file)).extracting(Problem::message).containsExactly(message);
  }

  private Federation load(String text) {
    Documents.write(file, text);
    return Documents.loaded(file);
  }

  private Federation loaded(Path path, String text) {
    Documents.write(file, text);
    return Documents.loaded(path);
  }

  private static StsKind sts(UpstreamDefinition definition) {
    return (StsKind) definition.kind();
  }

  private static UpstreamDefinition definition(Federation federation) {
    return federation.upstreams().values().iterator().next().definition();
  }

  /** The exchange with the one upstream and those keys. */
  private static String exchanging(String keys) {
    return keys.equals("{}") ? "{upstream: sso}" : keys.replace("{", "{upstream: sso, ");
  }

  private static Presentation presentation(Federation federation) {
    return ((Supply.Exchange) supply(federation)).presentation();
  }

  private static Supply supply(Federation federation) {
    return federation.policy().targets().stream()
        .filter(target -> target.audience().equals("orders"))
        .findFirst()
        .orElseThrow()
        .supply();
  }

  /** Lines of an upstream that authenticates so; further keys are in braces. */
  private static String client(String method, String id, String keys) {
    String more = keys.replaceAll("[{}]", "").replace(", ", "\n    ");
    return "    issuer: %s\n    clientAuthentication: %s\n    clientId: %s\n    %s\n"
        .formatted(SSO, method, id, more);
  }

  private static String document(String upstream, String exchange) {
    return """
        issuers:
          - name: github
            issuer: https://issuer.example
            audiences: [broker]
        upstreams:
          - name: sso
        """
        + upstream
        + "targets:\n  - audience: orders\n    exchange: "
        + exchange
        + "\n";
  }

  private static String pem() {
    return TestKeyFiles.pem(TestKeyFiles.named("Ed25519").getPrivate());
  }
}
