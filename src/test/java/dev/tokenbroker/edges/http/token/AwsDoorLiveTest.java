package dev.tokenbroker.edges.http.token;

import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.edges.grpc.AuditLines;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.GrpcPort;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.aws.AwsSts;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoint for AWS' SDKs over real connections, and the same target at the other edges. */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsDoorLiveTest {

  private static final String TARGET = "https://aws.example/payments+team";
  private static final String PATH = "/aws/https%3A%2F%2Faws.example%2Fpayments+team";

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  @AutoClose
  private final AwsSts sts =
      AwsSts.start(
          _ -> JWKSet.load(url.resolve("/.well-known/jwks.json").toURL()), InstantSource.system());

  @AutoClose private TokenClient client;
  @AutoClose private BrokerClient grpc;

  @BeforeAll
  void start() {
    client = new TokenClient(url, Version.HTTP_1_1);
    grpc = BrokerClient.plaintext(GrpcPort.current());
  }

  @BeforeEach
  void load() {
    sts.answer(null);
    String target = "  - {audience: '%s', aws: {role: '%s', endpoint: '%s'}}\n";
    String rule =
        "  - {name: %s, issuer: good, audience: '%s', when: 'true', outliveCredential: true}\n";
    String many = "many/levels";
    TestFederation.load(
        new TestFederation()
                .issuer("good", issuer.issuer())
                .rule("plain", "good", "orders", "true")
                .text()
                .replace(
                    "targets:\n",
                    "targets:\n"
                        + target.formatted(TARGET, AwsSts.ROLE, sts.url())
                        + target.formatted(many, AwsSts.ROLE, sts.url())
                        + target.formatted(
                            "other-role", "arn:aws:iam::123456789012:role/other", sts.url())
                        + target.formatted(
                            "busy-account", "arn:aws:iam::210987654321:role/other", sts.url()))
            + rule.formatted("aws", TARGET)
            + rule.formatted("many", many)
            + rule.formatted("other", "other-role")
            + rule.formatted("busy", "busy-account"),
        federations);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer ", "bearer  "})
  void gives_credentials_that_are_not_to_be_stored(String scheme) {
    Answer answer = get(PATH, scheme + issuer.credential());

    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("verdict-id")).isNotEmpty();
    assertThat(answer.members())
        .containsOnlyKeys("AccessKeyId", "SecretAccessKey", "Token", "Expiration");
    assertThat(answer.text("AccessKeyId")).startsWith("ASIAEXAMPLE");
    assertThat(answer.text("Token")).startsWith("session-token-");
    assertThat(answer.text("Expiration")).endsWith("Z");
  }

  @Test
  void gives_the_same_credentials_again_and_at_all_edges() throws Exception {
    String credential = issuer.credential();
    Answer first = get(PATH, credential);

    assertThat(get(PATH, credential).members()).isEqualTo(first.members());
    Answer exchanged = client.post(exchangeOf(credential).set("audience", TARGET));
    assertThat(exchanged.members())
        .containsEntry("issued_token_type", "urn:tokenbroker:token-type:aws-credentials")
        .containsEntry("token_type", "N_A")
        .doesNotContainKey("scope");
    assertSame(exchanged.text("access_token"), first);
    ExchangeTokenResponse token = grpc.exchange(request(credential)).granted();
    assertThat(token.getIssuedTokenType()).isEqualTo("urn:tokenbroker:token-type:aws-credentials");
    assertThat(token.getTokenType()).isEqualTo("N_A");
    assertSame(token.getAccessToken(), first);
  }

  private static void assertSame(String token, Answer answer) throws Exception {
    Map<String, Object> members = JSONObjectUtils.parse(token);
    assertThat(members)
        .containsOnlyKeys("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        .containsEntry("AccessKeyId", answer.text("AccessKeyId"))
        .containsEntry("SecretAccessKey", answer.text("SecretAccessKey"))
        .containsEntry("SessionToken", answer.text("Token"))
        .containsEntry("Expiration", answer.text("Expiration"));
  }

  @Test
  void takes_a_target_with_slashes_as_it_is() {
    assertThat(get("/aws/many/levels", issuer.credential()).status()).isEqualTo(200);
    assertThat(get("/aws/many%2Flevels", issuer.credential()).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/aws/other-role, 403, UPSTREAM_NOT_PERMITTED",
    "/aws/orders, 404, TARGET_UNKNOWN",
    "/aws/, 404, REQUEST_INVALID",
    "/aws/%FF, 404, TARGET_UNKNOWN",
    "/aws/nothing, 404, TARGET_UNKNOWN",
    "/aws/many/levels?audience=orders, 400, REQUEST_INVALID",
    "/aws/many/levels?subject_token=x, 400, REQUEST_INVALID",
  })
  void refuses_as_the_sdks_show_it(String path, int status, String code) {
    Answer answer = get(path, issuer.credential());

    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.members()).containsOnlyKeys("Code", "Message").containsEntry("Code", code);
    assertThat(answer.text("Message")).startsWith(code + ": ").contains("(verdict ");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
  }

  @Test
  void refuses_a_credential_that_is_missing_or_bad() {
    Answer missing = get(PATH, null);
    assertThat(missing.status()).isEqualTo(401);
    assertThat(missing.text("Message")).contains("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

    assertThat(get(PATH, "abc").status()).isEqualTo(401);
    assertThat(get(PATH, "Basic YTpi").status()).isEqualTo(401);
    for (String path : List.of("/aws/orders", "/aws/nothing")) {
      assertThat(get(path, "abc").text("Code")).isEqualTo(get(PATH, "abc").text("Code"));
    }
    String expired =
        issuer.credential(
            claims -> claims.put("exp", InstantSource.system().instant().getEpochSecond() - 600));
    assertThat(get(PATH, expired).members()).containsEntry("Code", "CREDENTIAL_EXPIRED");
    assertThat(get(PATH, expired).status()).isEqualTo(401);
  }

  @Test
  void is_not_there_without_a_path() {
    assertThat(get("/aws", issuer.credential()).status()).isEqualTo(404);
  }

  @Test
  void reads_no_proof_of_possession() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(origin() + PATH))
            .header("Authorization", issuer.credential())
            .header("DPoP", "none");

    assertThat(client.send(request).status()).isEqualTo(200);
  }

  @Test
  void takes_get_only() {
    Answer answer =
        client.send(HttpRequest.newBuilder(url.resolve(PATH)).POST(BodyPublishers.ofString("a=b")));

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).isEqualTo("GET");
    assertThat(answer.members()).containsEntry("Code", "REQUEST_INVALID");
  }

  @Test
  void asks_sdks_to_come_back_when_aws_throttles() {
    sts.answer(AwsSts.error(400, "Throttling", "Rate exceeded"));

    Answer answer = get("/aws/busy-account", issuer.credential());

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.members()).containsEntry("Code", "UPSTREAM_THROTTLED");
    assertThat(Integer.parseInt(answer.header("retry-after"))).isPositive();
  }

  /** The SDKs wait for 2 s and try again: then the credentials are there. */
  @Test
  void answers_within_two_seconds_and_goes_on_for_the_next_attempt() {
    String credential = issuer.credential();
    Reply good =
        AwsSts.xml(
            200,
            AwsSts.credentials(
                7, "slow", InstantSource.system().instant().plus(Duration.ofMinutes(50))));
    sts.answer(
        connection -> {
          try {
            Thread.sleep(Duration.ofMillis(2_300));
          } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
          }
          good.write(connection);
        });
    int before = sts.requests();
    assertThat(get("/aws/nothing", credential).status()).isEqualTo(404); // all is loaded then
    long begin = System.nanoTime();

    Answer late = get("/aws/many/levels", credential);
    long nanos = System.nanoTime() - begin;
    Answer next = get("/aws/many/levels", credential);

    assertThat(Duration.ofNanos(nanos)).isLessThan(Duration.ofSeconds(2));
    assertThat(late.status()).isEqualTo(503);
    assertThat(late.members()).containsEntry("Code", "UPSTREAM_TIMED_OUT");
    assertThat(late.header("retry-after")).isNotEmpty();
    assertThat(next.text("AccessKeyId")).isEqualTo("ASIAEXAMPLE00000007");
    assertThat(sts.requests()).isEqualTo(before + 1);
  }

  @Test
  void records_each_request_without_what_it_gave() {
    try (AuditLines audit = new AuditLines()) {
      Answer answer = get(PATH, issuer.credential());

      assertThat(audit.with(answer.header("verdict-id")))
          .singleElement()
          .asString()
          .contains("\"edge\":\"http\"", "\"target\":\"" + TARGET + "\"")
          .doesNotContain(answer.text("SecretAccessKey"), answer.text("Token"));
    }
  }

  private ExchangeTokenRequest request(String credential) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(TARGET)
        .setSubjectToken(credential)
        .setSubjectTokenType(TokenClient.JWT)
        .build();
  }

  private Answer get(String path, @Nullable String authorization) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(origin() + path));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.send(request);
  }

  private String origin() {
    String whole = url.toString();
    return whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole;
  }
}
