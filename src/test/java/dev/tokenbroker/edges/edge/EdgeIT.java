package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.telemetry.Golden;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import dev.tokenbroker.v1.IntrospectTokenResponse;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import grpc.health.v1.HealthGrpc;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What callers, verifiers, operators and probes see of the broker as it is shipped. */
class EdgeIT {

  @AutoClose private static EdgeFederation federation;
  @AutoClose private static BrokerProcess broker;
  @AutoClose private static BrokerClient client;
  private static URI url;

  /** The file of the audit log. */
  private static Path audit;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    federation = new EdgeFederation();
    BrokerProcess.Setup setup = federation.setup(directory);
    audit = directory.resolve("audit.json");
    Properties settings = settingsOf(Path.of("src/docs/operate/audit.md"));
    settings.setProperty(pathOfTheFileHandler(settings), audit.toString());
    settings.stringPropertyNames().forEach(key -> setup.with(key, settings.getProperty(key)));
    broker = setup.start();
    client = broker.client();
    url = broker.uri("/");
  }

  /** The settings that a document shows. */
  private static Properties settingsOf(Path document) throws IOException {
    String text = Files.readString(document);
    String from = "```properties\n";
    int begin = text.indexOf(from) + from.length();
    Properties settings = new Properties();
    settings.load(new StringReader(text.substring(begin, text.indexOf("```", begin))));
    return settings;
  }

  private static String pathOfTheFileHandler(Properties settings) {
    return settings.stringPropertyNames().stream()
        .filter(key -> key.matches("quarkus\\.log\\.handler\\.file\\.[\\w-]+\\.path"))
        .findFirst()
        .orElseThrow();
  }

  // --- exchanges

  @ParameterizedTest
  @EnumSource(SigningAlgorithm.class)
  void exchanges_a_credential_of_every_algorithm(SigningAlgorithm algorithm) throws Exception {
    ExchangeTokenResponse granted =
        client.exchange(request("payments-api", federation.credential(algorithm))).granted();

    JWTClaimsSet claims =
        PublishedKeys.of(url).verified(granted.getAccessToken()).getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("https://broker.example");
    assertThat(claims.getAudience()).containsExactly("payments-api");
    assertThat(claims.getStringClaim("scope")).isEqualTo("deploy read");
  }

  @ParameterizedTest
  @EnumSource(SigningAlgorithm.class)
  void refuses_a_tampered_credential_of_every_algorithm(SigningAlgorithm algorithm) {
    String good = federation.credential(algorithm);
    int at = good.lastIndexOf('.') + 10;
    char other = good.charAt(at) == 'A' ? 'B' : 'A';

    Answer answer =
        client.exchange(
            request("payments-api", good.substring(0, at) + other + good.substring(at + 1)));

    assertThat(answer.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(answer.reason()).isEqualTo("SIGNATURE_INVALID");
  }

  @Test
  void exchanges_over_http_and_says_why_it_refuses() {
    HttpResponse<String> granted =
        Http.post(url.resolve("token"), form(federation.issuer.credential()));
    assertThat(granted.statusCode()).isEqualTo(200);
    assertThat(granted.body()).contains("\"access_token\":\"eyJ", "\"token_type\":\"Bearer\"");

    HttpResponse<String> refused = Http.post(url.resolve("token"), form("none"));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .contains("\"error\":\"invalid_request\"", "\"reason\":\"CREDENTIAL_MALFORMED\"");

    assertThat(Http.post(url.resolve("token"), "a=" + "b".repeat(70_000)).statusCode())
        .isEqualTo(413);
  }

  @ParameterizedTest
  @EnumSource(SigningAlgorithm.class)
  void binds_a_token_to_a_key_of_every_algorithm_through_each_edge(SigningAlgorithm algorithm)
      throws Exception {
    TestKey key = Objects.requireNonNull(federation.keys.get(algorithm));
    String origin = "https://broker.example";
    String credential = federation.issuer.credential();
    String method = "/tokenbroker.v1.TokenBroker/ExchangeToken";
    String proof = TestProof.of(key, "POST", origin + method, Instant.now()).signed();

    ExchangeTokenResponse overGrpc =
        client.with("dpop", List.of(proof)).exchangeToken(request("payments-api", credential));
    HttpResponse<String> overHttp =
        Http.post(
            url.resolve("/token"),
            form(credential),
            "DPoP",
            TestProof.of(key, "POST", origin + "/token", Instant.now()).signed());

    assertThat(overGrpc.getTokenType()).isEqualTo("DPoP");
    assertThat(overHttp.statusCode()).as(overHttp.body()).isEqualTo(200);
    assertThat(JSONObjectUtils.parse(overHttp.body()))
        .containsEntry("token_type", "DPoP")
        .containsEntry("access_token", overGrpc.getAccessToken());
    assertThat(
            PublishedKeys.of(url)
                .verified(overGrpc.getAccessToken())
                .getJWTClaimsSet()
                .getJSONObjectClaim("cnf"))
        .isEqualTo(Map.of("jkt", TestProof.thumbprint(key)));
    assertThat(
            client.exchange(request("payments-api", credential), "dpop", List.of(proof)).reason())
        .isEqualTo("DPOP_PROOF_REPLAYED");
  }

  private static String form(String credential) {
    return "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience=payments-api"
        + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token="
        + credential;
  }

  @Test
  void fetches_keys_from_an_issuer_behind_a_private_authority() {
    client.exchange(request("payments-api", corporate("keys"))).granted();
  }

  @Test
  void exchanges_a_credential_once_where_its_issuer_is_declared_so() {
    String credential = corporate("once");
    client.exchange(request("payments-api", credential)).granted();

    assertThat(client.exchange(request("payments-api", credential)).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(Http.post(url.resolve("token"), form(credential)).body())
        .contains("\"error\":\"invalid_request\"", "\"reason\":\"CREDENTIAL_ALREADY_USED\"");
  }

  private String corporate(String jti) {
    return federation.corporate.credential(claims -> claims.put("jti", jti));
  }

  @Test
  void exchanges_at_an_upstream_behind_a_private_authority() {
    ExchangeTokenResponse granted =
        client.exchange(request("orders", federation.issuer.credential())).granted();

    assertThat(granted.getAccessToken()).isEqualTo("opaque");
    assertThat(federation.upstream.asked().getFirst().parameters())
        .contains("grant_type=urn:ietf:params:oauth:grant-type:token-exchange");
  }

  @Test
  void evaluates_rules_with_comprehensions_patterns_and_times() throws Exception {
    ExchangeTokenResponse granted = client.exchange(team(claims -> {})).granted();

    JWTClaimsSet claims =
        PublishedKeys.of(url).verified(granted.getAccessToken()).getJWTClaimsSet();
    assertThat(claims.getSubject()).isEqualTo("team:team-blue");
    assertThat(claims.getClaim("groups")).isEqualTo(List.of(5L, 9L));
    assertThat(claims.getClaim("year")).isEqualTo(2025L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"env", "groups", "since", "shift"})
  void a_rule_does_not_hold_without_a_claim_that_it_reads(String claim) {
    Answer answer = client.exchange(team(claims -> claims.remove(claim)));

    assertThat(answer.code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(answer.reason()).isEqualTo("NO_RULE_MATCHED");
  }

  @Test
  void a_rule_that_fails_ends_the_exchange() {
    assertThat(client.exchange(team(claims -> claims.put("since", "yesterday"))).reason())
        .isEqualTo("RULE_EVALUATION_FAILED");
  }

  // --- refusals

  @Test
  void refuses_for_now_with_the_time_to_come_back() {
    Answer answer =
        client.exchange(
            request(
                "payments-api",
                federation.issuer.credential(claims -> claims.put("iss", "https://localhost:1"))));

    assertThat(answer.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(answer.retryInfo()).isTrue();
    assertThat(Integer.parseInt(answer.pushback())).isPositive();
  }

  @Test
  void refuses_a_request_without_an_audience() {
    assertThat(client.exchange(ExchangeTokenRequest.getDefaultInstance()).code())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  // --- what becomes of tokens

  @Test
  void reports_a_token_as_active_until_revoked_at_both_edges() throws Exception {
    String service = brokerToken("service");
    TokenBrokerGrpc.TokenBrokerBlockingStub stub =
        client.with("authorization", List.of("Bearer " + service));
    String token = client.accessToken(request("payments-api", federation.issuer.credential()));
    IntrospectTokenRequest asked = IntrospectTokenRequest.newBuilder().setToken(token).build();

    assertThat(JSONObjectUtils.parse(introspected(token, service)))
        .containsEntry("active", true)
        .containsEntry("aud", "payments-api");
    assertThat(stub.introspectToken(asked).getAudiencesList()).containsExactly("payments-api");

    stub.revokeToken(RevokeTokenRequest.newBuilder().setToken(token).build());

    assertThat(introspected(token, service)).isEqualTo("{\"active\":false}");
    assertThat(stub.introspectToken(asked)).isEqualTo(IntrospectTokenResponse.getDefaultInstance());
    HttpResponse<String> again =
        Http.post(url.resolve("revoke"), "token=" + token, "Authorization", "Bearer " + service);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEmpty();
    assertThat(Http.post(url.resolve("introspect"), "token=" + token).statusCode()).isEqualTo(401);
  }

  private String introspected(String token, String by) {
    return Http.post(url.resolve("introspect"), "token=" + token, "Authorization", "Bearer " + by)
        .body();
  }

  // --- operators

  @Test
  void shows_operators_the_verdict_of_an_id_and_others_nothing() throws Exception {
    String id =
        client
            .exchange(request("payments-api", federation.issuer.credential()))
            .granted()
            .getVerdictId();

    HttpResponse<String> shown = verdict(id, "Authorization", "Bearer " + operatorToken());
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(JSONObjectUtils.parse(shown.body())).containsEntry("id", id);

    assertThat(verdict(id).statusCode()).isEqualTo(401);
    assertThat(verdict("no-such", "Authorization", "Bearer " + operatorToken()).statusCode())
        .isEqualTo(404);
  }

  @Test
  void explains_an_exchange_step_by_step() {
    Verdict verdict =
        client.explainAsOperator(
            request("payments-api", federation.issuer.credential()), operatorToken());

    assertThat(verdict.getOutcome()).isEqualTo(Outcome.OUTCOME_ACCEPTED);
    assertThat(verdict.getRule()).isEqualTo("pays");
    assertThat(verdict.getStepsList()).hasSizeGreaterThan(5);
  }

  // --- what is published

  @Test
  void publishes_its_discovery_document_and_keys() throws Exception {
    Map<String, Object> discovery =
        JSONObjectUtils.parse(Http.get(url.resolve("/.well-known/openid-configuration")).body());
    HttpResponse<String> keys = Http.get(url.resolve("/.well-known/jwks.json"));

    assertThat(discovery)
        .containsEntry("issuer", "https://broker.example")
        .containsEntry("jwks_uri", "https://broker.example/.well-known/jwks.json");
    assertThat(JSONObjectUtils.parse(keys.body())).containsKey("keys");
    assertThat(keys.body()).doesNotContain("\"d\"");
    assertThat(keys.headers().firstValue("Cache-Control")).isPresent();
  }

  @Test
  void shows_prometheus_every_meter_of_the_golden_file() throws Exception {
    client.exchange(request("payments-api", federation.issuer.credential())).granted();
    client.exchange(request("orders", federation.issuer.credential())).granted();
    client.exchange(ExchangeTokenRequest.getDefaultInstance());
    List<String> wanted = Golden.ordinaryMeters();

    String shown =
        Eventually.see(
            () -> broker.metrics(),
            text -> wanted.stream().allMatch(name -> text.contains("\n# TYPE " + name + " ")));

    assertThat(wanted)
        .isNotEmpty()
        .allSatisfy(name -> assertThat(shown).contains("\n# TYPE " + name + " "));
  }

  /** AWS-LC wherever it loads, which SignatureProviderTest holds it to. */
  @Test
  void signs_and_verifies_by_what_this_machine_has() {
    String provider = SignatureProvider.automatic().name();

    assertThat(broker.metrics())
        .containsPattern("\ntokenbroker_crypto_provider\\{provider=\"" + provider + "\",?} 1");
  }

  @Test
  void writes_the_audit_log_to_a_file_by_the_documented_settings() throws Exception {
    String id =
        client
            .exchange(request("payments-api", federation.issuer.credential()))
            .granted()
            .getVerdictId();

    List<String> records =
        Files.readAllLines(audit).stream().filter(line -> line.contains(id)).toList();
    assertThat(records).hasSize(1);
    assertThat(JSONObjectUtils.parse(records.getFirst())).containsEntry("verdict_id", id);
    assertThat(broker.lines()).noneMatch(line -> line.contains(id));
  }

  // --- probes

  @ParameterizedTest
  @ValueSource(strings = {"live", "ready", "started"})
  void is_up_over_http(String probe) {
    assertThat(Http.get(url.resolve("/q/health/" + probe)).body())
        .isEqualTo("{\"status\":\"UP\"}\n");
    assertThat(Http.get(broker.management("/q/health/" + probe)).body())
        .contains("\"UP\"", "\"checks\"");
  }

  @Test
  void describes_its_service_by_reflection() throws Exception {
    Reflection reflection = new Reflection(client.channel());

    assertThat(reflection.services())
        .contains(TokenBrokerGrpc.SERVICE_NAME, HealthGrpc.SERVICE_NAME);
    assertThat(reflection.fileOf(TokenBrokerGrpc.SERVICE_NAME).getMessageTypeList())
        .anyMatch(message -> message.getName().equals("ExchangeTokenRequest"));
  }

  private HttpResponse<String> verdict(String id, String... headers) {
    return Http.get(url.resolve("/verdicts/" + id), headers);
  }

  private String operatorToken() {
    return brokerToken("operator");
  }

  private String brokerToken(String subject) {
    String credential = federation.issuer.credential(claims -> claims.put("sub", subject));
    return client.accessToken(request("token-broker", credential));
  }

  private ExchangeTokenRequest team(Consumer<Map<String, Object>> change) {
    return request(
        "teams",
        federation.issuer.credential(
            claims -> {
              claims.put("env", "prod");
              claims.put("groups", List.of("staff", "team-blue"));
              claims.put("since", "2025-06-01T08:00:00Z");
              claims.put("shift", "7h30m");
              change.accept(claims);
            }));
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return BrokerClient.exchangeOf(audience, credential);
  }
}
