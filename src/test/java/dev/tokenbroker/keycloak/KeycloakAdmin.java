package dev.tokenbroker.keycloak;

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
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The admin REST API of a Keycloak, and its token endpoints. */
final class KeycloakAdmin implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final KeycloakServer server;

  KeycloakAdmin(KeycloakServer server) {
    this.server = server;
  }

  /** The {@code iss} of a realm's tokens. */
  String issuer(String realm) {
    return server.address() + "/realms/" + realm;
  }

  /** Calls the API; an empty body is none. Throws for any status but 2xx. */
  String call(String method, String path, Map<String, Object> body) throws IOException {
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

  /** An access token of a realm. */
  String token(String realm, Map<String, String> form) throws IOException {
    return token(realm, form, "access_token");
  }

  /** That member of a realm's token response. */
  String token(String realm, Map<String, String> form, String member) throws IOException {
    URI endpoint = server.address().resolve("/realms/" + realm + "/protocol/openid-connect/token");
    String json =
        send(
            HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encode(form))));
    try {
      return Objects.requireNonNull(JSONObjectUtils.getString(JSONObjectUtils.parse(json), member));
    } catch (ParseException e) {
      throw new IOException("Keycloak's token response is not JSON", e);
    }
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
