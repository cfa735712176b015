package dev.tokenbroker.keycloak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.BrokerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person with an account at Keycloak reads verdicts by what {@code operators.md} prints: its
 * commands run as they are, but for the addresses. Only the browser is played, and {@code oauth2c},
 * whose requests (RFC 6749 section 4.1, RFC 7636) the test sends by itself.
 */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeycloakOperatorsIT {

  private static final Path PAGE = Path.of("src", "docs", "operate", "operators.md");
  private static final String PRESET = "/dev/tokenbroker/preset/operators.yaml";
  private static final String STAFF = "https://sso.acme.example/realms/staff";
  private static final String BROKER = "https://broker.acme.example";
  private static final String REALM = "staff";
  private static final String CLIENT = "broker-operators";
  private static final String SCRIPT = "broker-automation";
  private static final String CALLBACK = "http://localhost:9876/callback";
  private static final String OPERATOR = "olga";
  private static final String COLLEAGUE = "colin";

  private final String secret = UUID.randomUUID().toString();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private KeycloakServer server;

  @SuppressWarnings("NullAway.Init")
  private KeycloakAdmin admin;

  @SuppressWarnings("NullAway.Init")
  private BrokerProcess broker;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    server = KeycloakServer.start();
    admin = new KeycloakAdmin(server);
    admin.call("POST", "/admin/realms", realm());
    try (InputStream preset =
        Objects.requireNonNull(KeycloakOperatorsIT.class.getResourceAsStream(PRESET))) {
      String document = new String(preset.readAllBytes(), UTF_8);
      assertThat(document).contains(STAFF);
      broker =
          new BrokerProcess.Setup(
                  Files.writeString(
                      directory.resolve("federation.yaml"),
                      document.replace(STAFF, admin.issuer(REALM))))
              .start();
    }
  }

  @AfterAll
  void stop() {
    if (broker != null) {
      broker.close();
    }
    admin.close();
    server.close();
  }

  @Test
  void a_login_in_the_browser_leads_to_verdicts(@TempDir Path directory) throws Exception {
    assertThat(command("oauth2c"))
        .contains(STAFF, "--client-id " + CLIENT, "--pkce", ".id_token > credential.jwt");
    Files.writeString(directory.resolve("credential.jwt"), byBrowser(OPERATOR));

    assertThat(verdicts(token(directory))).isEqualTo(200);
    assertThat(verdicts("none")).isEqualTo(401);
  }

  @Test
  void a_device_login_leads_to_verdicts(@TempDir Path directory) throws Exception {
    String block = command("auth/device");
    int browser = block.indexOf("curl", block.indexOf("device.json"));
    run(directory, block.substring(0, browser));
    Map<String, Object> device =
        JSONObjectUtils.parse(Files.readString(directory.resolve("device.json")));
    try (KeycloakLogin person = new KeycloakLogin(OPERATOR, secret)) {
      person.open(URI.create(JSONObjectUtils.getString(device, "verification_uri_complete")));
    }
    run(directory, block.lines().findFirst().orElseThrow() + "\n" + block.substring(browser));

    assertThat(verdicts(token(directory))).isEqualTo(200);
  }

  @Test
  void a_service_account_leads_to_verdicts(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), secret);

    run(directory, "secret=" + file + "\n" + command("client_credentials"));

    assertThat(verdicts(token(directory))).isEqualTo(200);
  }

  @Test
  void a_person_outside_of_the_group_gets_no_token(@TempDir Path directory) throws Exception {
    Path credential = Files.writeString(directory.resolve("credential.jwt"), byBrowser(COLLEAGUE));
    assertThat(SignedJWT.parse(Files.readString(credential)).getJWTClaimsSet().getAudience())
        .contains(CLIENT);

    assertThat(end(directory, command("audience=token-broker")))
        .startsWith("exit ")
        .doesNotStartWith("exit 0")
        .contains("NO_RULE_MATCHED");
  }

  /** What {@code oauth2c} does: the authorization code with PKCE, for an ID token. */
  private String byBrowser(String user) throws Exception {
    String verifier = UUID.randomUUID() + "-" + UUID.randomUUID();
    String challenge =
        Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8)))
            .toString();
    Map<String, String> request =
        Map.of(
            "client_id", CLIENT,
            "redirect_uri", CALLBACK,
            "response_type", "code",
            "response_mode", "query",
            "scope", "openid",
            "code_challenge", challenge,
            "code_challenge_method", "S256");
    URI login =
        URI.create(
            admin.issuer(REALM) + "/protocol/openid-connect/auth?" + KeycloakLogin.encode(request));
    try (KeycloakLogin person = new KeycloakLogin(user, secret)) {
      URI callback = person.open(login);
      assertThat(callback.toString()).startsWith(CALLBACK);
      String code =
          Arrays.stream(callback.getRawQuery().split("&"))
              .filter(pair -> pair.startsWith("code="))
              .map(pair -> pair.substring("code=".length()))
              .findFirst()
              .orElseThrow();
      return admin.token(
          REALM,
          Map.of(
              "grant_type", "authorization_code",
              "client_id", CLIENT,
              "redirect_uri", CALLBACK,
              "code", code,
              "code_verifier", verifier),
          "id_token");
    }
  }

  /** The broker's token for {@code credential.jwt}, by the last command of the page. */
  private String token(Path directory) throws Exception {
    String ended = end(directory, command("audience=token-broker"));
    assertThat(ended).startsWith("exit 0\n");
    return ended.lines().reduce((_, last) -> last).orElseThrow();
  }

  private int verdicts(String token) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(broker.uri("/verdicts"))
                  .header("Authorization", "Bearer " + token)
                  .build(),
              BodyHandlers.ofString());
      return response.statusCode();
    }
  }

  private static void run(Path directory, String commands) throws Exception {
    assertThat(end(directory, commands)).startsWith("exit 0\n");
  }

  /** Its exit code, and below what it prints. */
  private static String end(Path directory, String commands) throws Exception {
    Process shell =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", commands)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String printed = new String(shell.getInputStream().readAllBytes(), UTF_8);
    return "exit " + shell.waitFor() + "\n" + printed;
  }

  /** The commands of the block with that text, for this Keycloak and this broker. */
  private String command(String text) throws IOException {
    String block =
        Arrays.stream(Files.readString(PAGE).split("\n```", -1))
            .filter(part -> part.startsWith("console\n") && part.contains(text))
            .findFirst()
            .orElseThrow()
            .substring("console\n".length())
            .replaceAll("(?m)^\\$ ", "");
    return text.equals("oauth2c")
        ? block
        : block.replace(STAFF, admin.issuer(REALM)).replace(BROKER + "/", broker.uri("/") + "");
  }

  /** The realm with what the page says of clients, mappers and the group. */
  private Map<String, Object> realm() {
    Map<String, Object> browser =
        Map.of(
            "clientId",
            CLIENT,
            "publicClient",
            true,
            "standardFlowEnabled",
            true,
            "redirectUris",
            List.of(CALLBACK),
            "attributes",
            Map.of("oauth2.device.authorization.grant.enabled", "true"),
            "protocolMappers",
            List.of(groups()));
    Map<String, Object> script =
        Map.of(
            "clientId",
            SCRIPT,
            "secret",
            secret,
            "publicClient",
            false,
            "standardFlowEnabled",
            false,
            "serviceAccountsEnabled",
            true,
            "protocolMappers",
            List.of(groups(), audience()));
    return Map.of(
        "realm", REALM,
        "enabled", true,
        "groups", List.of(Map.of("name", CLIENT)),
        "clients", List.of(browser, script),
        "users",
            List.of(
                person(OPERATOR, List.of("/" + CLIENT)),
                person(COLLEAGUE, List.of()),
                Map.of(
                    "username",
                    "service-account-" + SCRIPT,
                    "enabled",
                    true,
                    "serviceAccountClientId",
                    SCRIPT,
                    "groups",
                    List.of("/" + CLIENT))));
  }

  private Map<String, Object> person(String name, List<String> groups) {
    return Map.of(
        "username",
        name,
        "enabled",
        true,
        "email",
        name + "@acme.example",
        "emailVerified",
        true,
        "firstName",
        name,
        "lastName",
        "Acme",
        "groups",
        groups,
        "credentials",
        List.of(Map.of("type", "password", "value", secret, "temporary", false)));
  }

  private static Map<String, Object> groups() {
    return mapper(
        "oidc-group-membership-mapper",
        Map.of(
            "claim.name", "groups",
            "full.path", "false",
            "id.token.claim", "true",
            "access.token.claim", "true"));
  }

  private static Map<String, Object> audience() {
    return mapper(
        "oidc-audience-mapper",
        Map.of("included.client.audience", CLIENT, "access.token.claim", "true"));
  }

  private static Map<String, Object> mapper(String kind, Map<String, Object> config) {
    return Map.of(
        "name", kind,
        "protocol", "openid-connect",
        "protocolMapper", kind,
        "config", config);
  }
}
