package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SDKs for Node that exchange a minted token in a file by themselves, with the settings and the
 * code that the pages about targets print, at peers that take the documented parameters and no
 * others.
 */
@Tag("interop")
class SdkIT {

  private static final String SUBJECT = "github:42";
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
  private static final String TENANT = "00000000-0000-4000-8000-00000000000a";

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();

  // Both are there before the test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private Path token;

  @BeforeEach
  void prepare() {
    token = directory.resolve("token");
  }

  @AfterEach
  void stop() {
    broker.close();
    issuer.close();
  }

  @Test
  void anthropics_sdk_exchanges_the_token_by_its_environment() throws Exception {
    String page = "use/targets/anthropic.md";
    mint(page, "https://api.anthropic.com");
    try (FakeServer claude = FakeServer.start(SdkIT::claude)) {
      Map<String, String> environment =
          new HashMap<>(Documented.settings(page, "ANTHROPIC_IDENTITY_TOKEN_FILE", here()));
      environment.put("ANTHROPIC_BASE_URL", claude.origin());
      environment.put("ANTHROPIC_CONFIG_DIR", directory.toString());

      String printed =
          run(
              environment,
              Documented.block(page, "js", "@anthropic-ai/sdk"),
              "console.log(models.data[0].id);");

      assertThat(printed).isEqualTo("claude");
      assertThat(claude.requests()).hasSize(2);
      Request exchange = claude.requests().getFirst();
      assertThat(exchange.headers())
          .containsEntry("content-type", "application/json")
          .doesNotContainKey("authorization");
      assertThat(JSONObjectUtils.parse(exchange.body()))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                  "assertion", minted("https://api.anthropic.com"),
                  "federation_rule_id", "fdrl_0123456789",
                  "organization_id", TENANT,
                  "service_account_id", "svac_0123456789"));
    }
  }

  private static Reply claude(Request request) {
    return switch (request.method() + request.target()) {
      case "POST/v1/oauth/token" -> granted("sk-ant-oat01");
      case String models
          when models.startsWith("GET/v1/models") && bears(request, "sk-ant-oat01") ->
          Reply.of(200, JSON, "{\"data\":[{\"id\":\"claude\"}],\"has_more\":false}");
      default -> Reply.of(401, JSON, "{}");
    };
  }

  @Test
  void openais_sdk_exchanges_the_token_by_its_options() throws Exception {
    String page = "use/targets/openai.md";
    mint(page, "https://api.openai.com/v1");
    try (FakeServer openai = FakeServer.start(SdkIT::openai)) {
      String hosts =
          """
          const direct = globalThis.fetch;
          globalThis.fetch = (url, init) =>
            direct(String(url).replace(/^https:..(auth|api).openai.com/, '%s/$1'), init);
          """
              .formatted(openai.origin());

      String printed =
          run(
              Map.of(),
              hosts
                  + Documented.changed(
                      Documented.block(page, "js", "import OpenAI"),
                      Map.of(
                          "/run/broker/token",
                          token.toString(),
                          "'openai/auth'",
                          "'openai/auth/index'")),
              "console.log((await client.models.list()).data[0].id);");

      assertThat(printed).isEqualTo("gpt");
      assertThat(openai.requests()).hasSize(2);
      Request exchange = openai.requests().getFirst();
      assertThat(exchange.headers())
          .containsEntry("content-type", "application/json")
          .doesNotContainKey("authorization");
      assertThat(JSONObjectUtils.parse(exchange.body()))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
                  "subject_token", minted("https://api.openai.com/v1"),
                  "subject_token_type", "urn:ietf:params:oauth:token-type:jwt",
                  "identity_provider_id", "idp_0123456789",
                  "service_account_id", "svc_acct_0123456789"));
    }
  }

  private static Reply openai(Request request) {
    return switch (request.method() + request.target()) {
      case "POST/auth/oauth/token" -> granted("sk-federated");
      case String models
          when models.equals("GET/api/v1/models") && bears(request, "sk-federated") ->
          Reply.of(200, JSON, "{\"object\":\"list\",\"data\":[{\"id\":\"gpt\"}]}");
      default -> Reply.of(401, JSON, "{}");
    };
  }

  @Test
  void azures_sdk_exchanges_the_token_by_its_environment() throws Exception {
    String page = "use/targets/entra.md";
    mint(page, "api://AzureADTokenExchange");
    TestTls authority = TestTls.generate();
    try (FakeServer entra = FakeServer.startTls(authority.server("localhost"), SdkIT::entra)) {
      Map<String, String> environment =
          new HashMap<>(Documented.settings(page, "AZURE_FEDERATED_TOKEN_FILE", here()));
      environment.put("AZURE_AUTHORITY_HOST", entra.origin());
      environment.put("NODE_EXTRA_CA_CERTS", authority.writeRoot(directory).toString());

      String printed =
          run(
              environment,
              Documented.changed(
                  Documented.block(page, "js", "@azure/identity"),
                  // Else it asks Microsoft whether this authority is one of theirs.
                  Map.of(
                      "new DefaultAzureCredential()",
                      "new DefaultAzureCredential({ disableInstanceDiscovery: true })")),
              "console.log(token);");

      assertThat(printed).isEqualTo("entra");
      Request exchange = entra.requests().getLast();
      Map<String, List<String>> form = new HashMap<>(URLUtils.parseParameters(exchange.body()));
      form.keySet().removeIf(name -> name.startsWith("x-") || name.startsWith("client-request"));
      assertThat(form)
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "grant_type",
                  List.of("client_credentials"),
                  "client_id",
                  List.of("00000000-0000-4000-8000-00000000000d"),
                  "scope",
                  List.of("https://vault.azure.net/.default"),
                  "client_assertion_type",
                  List.of("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                  "client_assertion",
                  List.of(minted("api://AzureADTokenExchange"))));
    }
  }

  private static Reply entra(Request request) {
    String tenant = "https://" + request.headers().get("host") + "/" + TENANT;
    return switch (request.method() + request.target()) {
      case "GET/" + TENANT + "/v2.0/.well-known/openid-configuration" ->
          Reply.of(
              200,
              JSON,
              """
              {"issuer": "%1$s/v2.0", "authorization_endpoint": "%1$s/oauth2/v2.0/authorize",
               "token_endpoint": "%1$s/oauth2/v2.0/token", "jwks_uri": "%1$s/discovery/v2.0/keys"}
              """
                  .formatted(tenant));
      case String exchange when exchange.startsWith("POST/" + TENANT + "/oauth2/v2.0/token") ->
          granted("entra");
      default -> Reply.of(404, JSON, "{}");
    };
  }

  @Test
  void googles_library_exchanges_the_token_by_its_file() throws Exception {
    String page = "use/targets/google.md";
    mint(
        page,
        "https://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/acme/providers/broker");
    try (GoogleSts google = new GoogleSts()) {
      Path account = directory.resolve("account.json");
      Map<String, String> changes = new HashMap<>(here());
      changes.put("https://sts.googleapis.com/v1/token", google.tokenUrl(broker));
      Files.writeString(
          account, Documented.changed(Documented.block(page, "json", "universe_domain"), changes));

      String printed =
          run(
              Map.of(
                  "GOOGLE_APPLICATION_CREDENTIALS",
                  account.toString(),
                  "GOOGLE_CLOUD_PROJECT",
                  "acme"),
              Documented.block(page, "js", "google-auth-library"),
              "console.log(token);");

      assertThat(printed).isEqualTo(GoogleSts.TOKEN);
    }
  }

  /** Starts a broker with the document for a token in a file, and writes one, with a newline. */
  private void mint(String page, String audience) throws IOException {
    String federation =
        Documented.block(page, "yaml", "mint:")
            + "issuers:\n  - {name: ci, issuer: '%s', audiences: ['%s']}\n"
                .formatted(issuer.issuer(), FakeIssuer.AUDIENCE);
    broker = InteropBroker.start(directory, federation, Map.of());
    Path credential = Files.writeString(directory.resolve("credential"), issuer.credential());
    Files.writeString(token, new Curl(broker, directory).token(credential, audience) + "\n");
  }

  /** What is in the file, which must be a token of the broker for that audience. */
  private String minted(String audience) throws IOException {
    String minted = Files.readString(token).strip();
    JWTClaimsSet claims = broker.verified(minted);
    assertThat(claims.getAudience()).containsExactly(audience);
    assertThat(claims.getSubject()).isEqualTo(SUBJECT);
    return minted;
  }

  private Map<String, String> here() {
    return Map.of("/run/broker/token", token.toString());
  }

  /** Runs the printed code, with what shows its result, to its end; returns what that printed. */
  private String run(Map<String, String> environment, String printed, String shown)
      throws IOException, InterruptedException {
    return Build.runNode(directory, environment, printed + "\n" + shown);
  }

  private static boolean bears(Request request, String token) {
    return ("Bearer " + token).equals(request.headers().get("authorization"));
  }

  private static Reply granted(String token) {
    return Reply.of(
        200,
        JSON,
        "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3600}".formatted(token));
  }
}
