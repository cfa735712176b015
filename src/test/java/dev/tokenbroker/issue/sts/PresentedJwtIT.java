package dev.tokenbroker.issue.sts;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Together;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Verdict;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The broker as it is shipped vouches for workloads at services that check every parameter and
 * verify its JWT by its published keys. And whatever such a service does instead, there is one
 * reason for it, at both edges.
 */
@Tag("packaged")
class PresentedJwtIT {

  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String JSON = "application/json";
  private static final String ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  /** The answers of the services, with members that the broker does not know. */
  private static final String ENTRA_TOKEN =
      "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,"
          + "\"access_token\":\"of-entra\"}";

  private static final String OPENAI_TOKEN =
      "{\"access_token\":\"of-openai\",\"issued_token_type\":\""
          + ACCESS_TOKEN
          + "\",\"token_type\":\"Bearer\",\"expires_in\":300}";
  private static final String ANTHROPIC_TOKEN =
      "{\"access_token\":\"of-anthropic\",\"token_type\":\"Bearer\",\"expires_in\":300,"
          + "\"scope\":\"workspace:developer\",\"organization_id\":\"org-1\"}";

  /** The paths of services that have been mended. */
  private static final Set<String> MENDED = ConcurrentHashMap.newKeySet();

  private static final int MAX_ATTEMPTS = 2;
  private static final String AWS_TAGS = "https://aws.amazon.com/tags";

  @TempDir static Path directory;

  // All are set before any test.
  @SuppressWarnings("NullAway.Init")
  private static FakeIssuer issuer;

  @SuppressWarnings("NullAway.Init")
  private static FakeUpstream services;

  @SuppressWarnings("NullAway.Init")
  private static BrokerProcess broker;

  @SuppressWarnings("NullAway.Init")
  private static BrokerClient client;

  @SuppressWarnings("NullAway.Init")
  private static TokenClient http;

  private static final Map<String, CheckedForm> CHECKED =
      Map.of("/entra", entra(), "/openai", openAi(), "/anthropic", anthropic());

  /** What a service does, and what that is called; what takes its time comes first. */
  enum Misbehaviour {
    HANGS(Reply.hang(), "UPSTREAM_TIMED_OUT"),
    DENIES_THE_ASSERTION(400, "{\"error\":\"invalid_grant\"}", "UPSTREAM_ASSERTION_REFUSED"),
    DENIES_THE_CLIENT(401, "{\"error\":\"invalid_client\"}", "UPSTREAM_ASSERTION_REFUSED"),
    WANTS_ANOTHER_AUDIENCE(
        401,
        "{\"error\":\"invalid_token\",\"error_description\":\"aud is not mine\"}",
        "UPSTREAM_ASSERTION_REFUSED"),
    PERMITS_NOTHING(403, "{\"error\":\"access_denied\"}", "UPSTREAM_NOT_PERMITTED"),
    MISSES_A_PARAMETER(400, "{\"error\":\"invalid_request\"}", "UPSTREAM_REQUEST_REFUSED"),
    THROTTLES(Reply.of(429, Map.of("Retry-After", "20"), ""), "UPSTREAM_THROTTLED"),
    IS_DOWN(503, "", "UPSTREAM_UNAVAILABLE"),
    RESETS(FakeUpstream.reset(), "UPSTREAM_UNREACHABLE"),
    ANSWERS_A_PAGE(
        Reply.of(200, Map.of("Content-Type", "text/html"), "<p>hello"),
        "UPSTREAM_ANSWER_MALFORMED"),
    ISSUES_AN_EXPIRED_TOKEN(
        200,
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":0}",
        "UPSTREAM_TOKEN_UNUSABLE"),
    ISSUES_A_LONG_TOKEN(
        200,
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":36000}",
        "UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL"),
    ISSUES_MORE_SCOPES(
        200,
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":300,"
            + "\"scope\":\"read admin\"}",
        "UPSTREAM_SCOPE_TOO_WIDE");

    @SuppressWarnings("ImmutableEnumChecker") // a reply holds nothing that changes
    private final Reply reply;

    private final RefusalReason reason;

    Misbehaviour(int status, String body, String reason) {
      this(FakeUpstream.json(status, body), reason);
    }

    Misbehaviour(Reply reply, String reason) {
      this.reply = reply;
      this.reason = RefusalReason.valueOf(reason);
    }

    /** The name of its upstream and of its target. */
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String path() {
      return "/" + label();
    }
  }

  @BeforeAll
  static void start() throws IOException {
    issuer = FakeIssuer.start();
    services = FakeUpstream.start(PresentedJwtIT::answer);
    broker =
        new BrokerProcess.Setup(Files.writeString(directory.resolve("federation.yaml"), document()))
            .with("token-broker.upstream.guard.back-off-base", "10ms")
            .with("token-broker.upstream.guard.attempt-timeout", "2s")
            .with("token-broker.upstream.guard.max-attempts", "" + MAX_ATTEMPTS)
            .start();
    client = broker.client();
    http = new TokenClient(broker.uri("/"), HttpClient.Version.HTTP_1_1);
    CHECKED.values().forEach(form -> form.trust(broker.uri("/.well-known/jwks.json")));
  }

  @AfterAll
  static void stop() {
    List<AutoCloseable> started = Arrays.asList(client, http, broker, services, issuer);
    for (AutoCloseable each : started) {
      try {
        if (each != null) {
          each.close();
        }
      } catch (Exception broken) {
        throw new AssertionError(broken);
      }
    }
  }

  @BeforeEach
  void mend() {
    MENDED.clear();
  }

  // --- forms

  @Test
  void entra_gets_its_form_and_a_client_that_the_broker_vouches_for() {
    String token = granted("graph", credential("entra"));

    assertThat(token).isEqualTo("of-entra");
    assertThat(checked("/entra").faults()).isEmpty();
    assertThat(checked("/entra").claims())
        .containsEntry("sub", "repo:acme/payments")
        .containsEntry("iss", "https://broker.example")
        .containsOnlyKeys("iss", "sub", "aud", "iat", "exp", "jti");
  }

  @Test
  void openai_gets_its_members_as_json() {
    assertThat(granted("openai-api", credential("openai"))).isEqualTo("of-openai");
    assertThat(checked("/openai").faults()).isEmpty();
  }

  @Test
  void anthropic_gets_json_members_and_the_claims_of_the_rule() {
    assertThat(granted("claude", credential("anthropic"))).isEqualTo("of-anthropic");

    assertThat(checked("/anthropic").faults()).isEmpty();
    assertThat(checked("/anthropic").claims())
        .containsEntry(
            AWS_TAGS,
            Map.of(
                "principal_tags",
                Map.of("repository", List.of("acme/payments"), "team", List.of("pay")),
                "transitive_tag_keys",
                List.of("team")));
  }

  /** A check that never fails would show nothing. */
  @Test
  void the_services_take_nothing_else() {
    granted("graph", credential("strict"));
    FakeUpstream.Asked good =
        services.asked().stream().filter(one -> one.path().equals("/entra")).toList().getLast();
    CheckedForm form = entra();
    form.trust(broker.uri("/.well-known/jwks.json"));
    List<String> wanted = new ArrayList<>();
    for (String parameter : good.form().split("&", -1)) {
      String name = parameter.substring(0, parameter.indexOf('='));
      form.reply(with(good, good.form().replace(parameter, "other=1")));
      form.reply(with(good, good.form() + "&" + parameter));
      form.reply(with(good, good.form().replace(parameter, name + "=x")));
      wanted.addAll(List.of("missing " + name, "unknown other", name + " is there 2 times"));
      wanted.add(
          name.equals("client_assertion")
              ? "a JWT that cannot be checked: ParseException"
              : name + " is x");
    }
    form.reply(good);
    wanted.add("a JWT that was used before");

    assertThat(form.faults()).containsAll(wanted);
  }

  @Test
  void each_request_has_another_jwt_and_each_workload_its_own_token() throws Exception {
    int before = asked("/entra").size();

    granted("graph", credential("one"));
    granted("graph", credential("one-more"));
    granted("graph", credential("two"));

    assertThat(asked("/entra")).hasSize(before + 3);
    assertThat(ids(asked("/entra"))).hasSize(before + 3);
  }

  @Test
  void a_held_token_of_a_workload_is_for_its_own_credential_only() {
    String credential = credential("held");
    int before = asked("/entra").size();

    granted("graph", credential);
    granted("graph", credential);
    assertThat(asked("/entra")).hasSize(before + 1);

    granted("graph", credential("held-by-another"));
    assertThat(asked("/entra")).hasSize(before + 2);
  }

  // --- explanations and records

  @Test
  void an_explanation_shows_what_it_would_present_and_sends_nothing() {
    int before = services.asked().size();
    String operator = client.brokerToken(credential("operator"), "operate");

    Verdict verdict =
        client.explainAsOperator(request("claude", credential("explained")), operator);

    assertThat(verdict.getHintsList())
        .contains(
            "Upstream anthropic is to get a JWT of this broker in place of the credential: aud"
                + " https://api.anthropic.example, for 300 s at most.",
            "The sub of that JWT is repo:acme/payments.");
    assertThat(services.asked()).hasSize(before);
  }

  @Test
  void the_record_names_the_jwt_and_does_not_show_it() throws Exception {
    String token = granted("graph", credential("recorded"));
    SignedJWT jwt = jwt(asked("/entra").getLast());

    String id = jwt.getJWTClaimsSet().getJWTID();
    String line = broker.awaitLine(shown -> shown.contains("jti " + id));
    assertThat(line).contains("\"outcome\":\"accepted\"", jwt.getHeader().getKeyID());
    assertThat(String.join("\n", broker.lines()))
        .doesNotContain(jwt.getSignature().toString())
        .doesNotContain(token);
  }

  // --- failures

  @TestFactory
  Stream<DynamicTest> has_one_reason_at_both_edges_and_is_over_when_it_is_over() {
    return Together.check(
        List.of(Misbehaviour.values()), Misbehaviour::name, PresentedJwtIT::assertOneReason);
  }

  private static void assertOneReason(Misbehaviour misbehaviour) throws ParseException {
    String credential = credential("grpc-" + misbehaviour);

    BrokerClient.Answer answer = client.exchange(request(misbehaviour.label(), credential));
    List<FakeUpstream.Asked> attempts = asked(misbehaviour.path());
    TokenClient.Answer overHttp =
        http.post(
            TokenClient.exchangeOf(credential("http-" + misbehaviour))
                .set("audience", misbehaviour.label()));

    assertThat(answer.reason()).isEqualTo(misbehaviour.reason.name());
    assertThat(overHttp.members()).containsEntry("reason", misbehaviour.reason.name());
    assertThat(attempts).hasSizeBetween(1, MAX_ATTEMPTS);
    assertThat(asked(misbehaviour.path())).hasSizeLessThanOrEqualTo(2 * MAX_ATTEMPTS);
    assertThat(ids(asked(misbehaviour.path()))).hasSameSizeAs(asked(misbehaviour.path()));
    assertThat(answer.facts().toString() + overHttp.members())
        .doesNotContain(signatures(misbehaviour.path()))
        .doesNotContain("aud is not mine");
    assertThat(broker.lines())
        .noneMatch(line -> signatures(misbehaviour.path()).stream().anyMatch(line::contains));
    mended(misbehaviour, credential);
  }

  /** Another credential gets its token at once; the same one does unless the refusal is kept. */
  private static void mended(Misbehaviour misbehaviour, String credential) {
    MENDED.add(misbehaviour.path());
    BrokerClient.Answer again = client.exchange(request(misbehaviour.label(), credential));
    if (Upstream.isDefinite(misbehaviour.reason)) {
      assertThat(again.reason()).isEqualTo(misbehaviour.reason.name());
      assertThat(granted(misbehaviour.label(), credential("mended-" + misbehaviour)))
          .isEqualTo("opaque");
    } else if (again.token() == null) {
      // The guard keeps its distance for a while; it does not repeat the failure itself.
      assertThat(again.reason())
          .isIn(
              RefusalReason.UPSTREAM_CIRCUIT_OPEN.name(),
              RefusalReason.UPSTREAM_BUDGET_EXHAUSTED.name(),
              misbehaviour.reason.name());
      assertThat(again.pushback()).isNotEqualTo("-1");
    }
  }

  // --- the ground

  private static Reply answer(FakeUpstream.Asked asked) {
    CheckedForm form = CHECKED.get(asked.path());
    if (form != null) {
      return form.reply(asked);
    }
    return Arrays.stream(Misbehaviour.values())
        .filter(one -> one.path().equals(asked.path()) && !MENDED.contains(asked.path()))
        .findFirst()
        .map(one -> one.reply)
        .orElseGet(FakeUpstream::token);
  }

  private static CheckedForm entra() {
    return new CheckedForm(
        FORM,
        Map.of(
            "grant_type", "client_credentials",
            "scope", "https://graph.microsoft.example/.default",
            "client_id", "0f8fad5b-d9cb-469f-a165-70867728950e",
            "client_assertion_type", ASSERTION_TYPE,
            "client_assertion", CheckedForm.JWT),
        "api://AzureADTokenExchange",
        ENTRA_TOKEN);
  }

  private static CheckedForm openAi() {
    return new CheckedForm(
        JSON,
        Map.of(
            "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token", CheckedForm.JWT,
            "subject_token_type", "urn:ietf:params:oauth:token-type:jwt",
            "requested_token_type", ACCESS_TOKEN,
            "identity_provider_id", "idp-1",
            "service_account_id", "sa-1"),
        "https://api.openai.example/v1",
        OPENAI_TOKEN);
  }

  private static CheckedForm anthropic() {
    return new CheckedForm(
        JSON,
        Map.of(
            "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion", CheckedForm.JWT,
            "federation_rule_id", "fdrl-1",
            "organization_id", "org-1",
            "service_account_id", "svac-1"),
        "https://api.anthropic.example",
        ANTHROPIC_TOKEN);
  }

  private static String document() {
    StringBuilder text =
        new StringBuilder(
            """
            issuers:
              - {name: ci, issuer: '%1$s', audiences: ['%2$s']}
            upstreams:
              - name: entra
                tokenEndpoint: %3$s/entra
                grant: client-credentials
                clientAuthentication: federated
                clientId: 0f8fad5b-d9cb-469f-a165-70867728950e
                present: minted
                presentAudience: api://AzureADTokenExchange
              - name: openai
                tokenEndpoint: %3$s/openai
                clientAuthentication: none
                encoding: json
                present: minted
                presentAudience: https://api.openai.example/v1
              - name: anthropic
                tokenEndpoint: %3$s/anthropic
                grant: jwt-bearer
                clientAuthentication: none
                encoding: json
            """
                .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, services.origin()));
    for (Misbehaviour misbehaviour : Misbehaviour.values()) {
      text.append(
          """
            - name: %s
              tokenEndpoint: %s
              grant: client-credentials
              clientAuthentication: federated
              present: minted
          """
              .formatted(misbehaviour.label(), services.uri(misbehaviour.path())));
    }
    text.append(
        """
        targets:
          - audience: graph
            exchange: {upstream: entra, scopes: ['https://graph.microsoft.example/.default']}
          - audience: openai-api
            exchange:
              upstream: openai
              scopes: []
              parameters: {identity_provider_id: idp-1, service_account_id: sa-1}
          - audience: claude
            exchange:
              upstream: anthropic
              scopes: []
              parameters: {federation_rule_id: fdrl-1, organization_id: org-1, service_account_id: svac-1}
              present: minted
              presentAudience: https://api.anthropic.example
              presentLifetime: 5m
        """);
    for (Misbehaviour misbehaviour : Misbehaviour.values()) {
      text.append(
          "  - {audience: %1$s, exchange: {upstream: %1$s, scopes: [read]}}\n"
              .formatted(misbehaviour.label()));
    }
    text.append(
        """
        rules:
          - {name: operators, issuer: ci, audience: token-broker, when: true, scopes: [operate]}
          - {name: graph, issuer: ci, audience: graph, when: true, subject: '"repo:" + claims.repository', outliveCredential: true}
          - {name: openai, issuer: ci, audience: openai-api, when: true}
          - name: claude
            issuer: ci
            audience: claude
            when: true
            subject: '"repo:" + claims.repository'
            claims:
              %s: >-
                {"principal_tags": {"repository": [claims.repository], "team": ["pay"]},
                 "transitive_tag_keys": ["team"]}
        """
            .formatted(AWS_TAGS));
    for (Misbehaviour misbehaviour : Misbehaviour.values()) {
      text.append(
          "  - {name: %1$s, issuer: ci, audience: %1$s, when: true, scopes: [read]}\n"
              .formatted(misbehaviour.label()));
    }
    return text.toString();
  }

  private static String credential(String run) {
    return issuer.credential(claims -> claims.put("run_id", run));
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(audience)
        .setSubjectToken(credential)
        .build();
  }

  private static String granted(String audience, String credential) {
    return client.exchange(request(audience, credential)).granted().getAccessToken();
  }

  private static CheckedForm checked(String path) {
    return Objects.requireNonNull(CHECKED.get(path));
  }

  private static List<FakeUpstream.Asked> asked(String path) {
    return services.asked().stream().filter(one -> one.path().equals(path)).toList();
  }

  private static FakeUpstream.Asked with(FakeUpstream.Asked asked, String form) {
    return new FakeUpstream.Asked(asked.method(), asked.path(), asked.headers(), form);
  }

  private static Set<String> ids(List<FakeUpstream.Asked> requests) throws ParseException {
    Set<String> ids = new HashSet<>();
    for (FakeUpstream.Asked asked : requests) {
      ids.add(jwt(asked).getJWTClaimsSet().getJWTID());
    }
    return ids;
  }

  private static List<String> signatures(String path) {
    return asked(path).stream().map(one -> jwt(one).getSignature().toString()).toList();
  }

  private static SignedJWT jwt(FakeUpstream.Asked asked) {
    String name = "client_assertion=";
    String sent =
        asked.parameters().stream().filter(one -> one.startsWith(name)).findFirst().orElseThrow();
    try {
      return SignedJWT.parse(sent.substring(name.length()));
    } catch (ParseException broken) {
      throw new AssertionError("no JWT", broken);
    }
  }
}
