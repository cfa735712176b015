package dev.tokenbroker.keycloak;

import com.nimbusds.jose.util.JSONArrayUtils;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A realm of a Keycloak with one confidential client, made and changed over the admin REST API. The
 * client's tokens are RS256-signed JWTs whose {@code aud} holds the audience given.
 */
final class KeycloakRealm implements AutoCloseable {

  static final String CLIENT = "payments-job";

  private static final String REALM = "acme";
  private static final String KEY_PROVIDER = "org.keycloak.keys.KeyProvider";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String clientSecret = UUID.randomUUID().toString();
  private final KeycloakServer server;

  private KeycloakRealm(KeycloakServer server) {
    this.server = server;
  }

  /** Makes the realm and the client. */
  static KeycloakRealm create(KeycloakServer server, String audience) throws IOException {
    KeycloakRealm realm = new KeycloakRealm(server);
    realm.admin(
        "POST",
        "/admin/realms",
        Map.of("realm", REALM, "enabled", true, "clients", List.of(realm.client(audience))));
    return realm;
  }

  /** The {@code iss} of its tokens. */
  String issuer() {
    return server.address() + "/realms/" + REALM;
  }

  /** A fresh access token of the client (RFC 6749 section 4.4). */
  String clientCredentialsToken() throws IOException {
    return token(
        REALM,
        Map.of(
            "grant_type",
            "client_credentials",
            "client_id",
            CLIENT,
            "client_secret",
            clientSecret));
  }

  /** Makes a new RSA key the active one and takes the old one out of the realm's key set. */
  void rotateKeys() throws IOException {
    List<Map<String, Object>> old =
        components().stream()
            .filter(component -> "rsa-generated".equals(component.get("providerId")))
            .toList();
    admin(
        "POST",
        "/admin/realms/" + REALM + "/components",
        Map.of(
            "name",
            "rotated-" + UUID.randomUUID(),
            "providerId",
            "rsa-generated",
            "providerType",
            KEY_PROVIDER,
            "parentId",
            Objects.requireNonNull(old.getFirst().get("parentId")),
            "config",
            Map.of(
                "priority", List.of("200"),
                "enabled", List.of("true"),
                "active", List.of("true"),
                "keySize", List.of("2048"),
                "algorithm", List.of("RS256"))));
    for (Map<String, Object> component : old) {
      admin("DELETE", "/admin/realms/" + REALM + "/components/" + component.get("id"), Map.of());
    }
  }

  private Map<String, Object> client(String audience) {
    return Map.of(
        "clientId",
        CLIENT,
        "secret",
        clientSecret,
        "publicClient",
        false,
        "serviceAccountsEnabled",
        true,
        "standardFlowEnabled",
        false,
        "protocolMappers",
        List.of(
            Map.of(
                "name",
                "broker-audience",
                "protocol",
                "openid-connect",
                "protocolMapper",
                "oidc-audience-mapper",
                "config",
                Map.of("included.custom.audience", audience, "access.token.claim", "true"))));
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> components() throws IOException {
    String json =
        admin("GET", "/admin/realms/" + REALM + "/components?type=" + KEY_PROVIDER, Map.of());
    try {
      return JSONArrayUtils.parse(json).stream()
          .map(component -> (Map<String, Object>) component)
          .toList();
    } catch (ParseException e) {
      throw new IOException("Keycloak's components are not JSON", e);
    }
  }

  private String admin(String method, String path, Map<String, Object> body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.address().resolve(path))
            .header("Authorization", "Bearer " + adminToken())
            .header("Content-Type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(JSONObjectUtils.toJSONString(body)));
    return send(request);
  }

  /** Asked for anew each time: it lives for a minute only. */
  private String adminToken() throws IOException {
    return token(
        "master",
        Map.of(
            "grant_type",
            "password",
            "client_id",
            "admin-cli",
            "username",
            KeycloakServer.ADMIN,
            "password",
            server.adminPassword()));
  }

  private String token(String realm, Map<String, String> form) throws IOException {
    URI endpoint = server.address().resolve("/realms/" + realm + "/protocol/openid-connect/token");
    String json =
        send(
            HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encode(form))));
    try {
      return Objects.requireNonNull(
          JSONObjectUtils.getString(JSONObjectUtils.parse(json), "access_token"));
    } catch (ParseException e) {
      throw new IOException("Keycloak's token response is not JSON", e);
    }
  }

  private String send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> response =
          http.send(request.timeout(LIMIT).build(), BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(
            response.request().method() + " " + response.uri() + ": " + response.statusCode());
      }
      return response.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while Keycloak answers", e);
    }
  }

  private static String encode(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
