package dev.tokenbroker.bench;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Keycloak in production mode with a database in memory, and a realm that does what the broker
 * does: it takes the credentials of a {@link LoadIssuer} (JWT authorization grant, RFC 7523) and
 * its own tokens (standard token exchange, RFC 8693) and signs with ES256.
 *
 * <p>Favours Keycloak where there was a choice: no replay check of assertions, no user session, no
 * event log, local caches.
 */
final class Keycloak implements AutoCloseable {

  static final Path HOME = Path.of("target/keycloak");

  private static final String REALM = "acme";
  private static final String CLIENT = "load";
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String adminPassword = UUID.randomUUID().toString();
  private final String clientSecret = UUID.randomUUID().toString();
  private final URI address;
  private final ServerProcess process;

  private Keycloak(Path log) throws IOException, InterruptedException {
    Path script = script();
    build(script, log);
    int port = ServerProcess.freePort();
    this.address = URI.create("http://127.0.0.1:" + port);
    this.process =
        ServerProcess.start(
            List.of(
                "sh",
                script.toString(),
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--http-management-port=" + ServerProcess.freePort(),
                "--hostname-strict=false"),
            Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "JAVA_OPTS_KC_HEAP",
                String.join(" ", ServerProcess.JVM_FLAGS),
                "KC_BOOTSTRAP_ADMIN_USERNAME",
                "admin",
                "KC_BOOTSTRAP_ADMIN_PASSWORD",
                adminPassword),
            log,
            address.resolve("/realms/master"),
            200);
  }

  /** Builds it for production, starts it and makes the realm; takes about a minute. */
  static Keycloak start(Path log, LoadIssuer issuer) throws IOException, InterruptedException {
    Keycloak keycloak = new Keycloak(log);
    keycloak.createRealm(issuer);
    return keycloak;
  }

  ServerProcess process() {
    return process;
  }

  /** What a credential must name as its audience. */
  String issuer() {
    return address + "/realms/" + REALM;
  }

  URI tokenEndpoint() {
    return tokenEndpoint(REALM);
  }

  /** The form of the JWT authorization grant for a credential. */
  Buffer jwtGrant(String credential) {
    return form(
        Map.of(
            "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", credential));
  }

  /** The form of the standard token exchange for a token of this realm. */
  Buffer tokenExchange(String token) {
    return form(
        Map.of(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token",
            token,
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token"));
  }

  /** An access token of this realm, good for an hour. */
  String accessToken() throws IOException, InterruptedException {
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

  private Buffer form(Map<String, String> grant) {
    return Buffer.buffer(
        encode(grant) + "&" + encode(Map.of("client_id", CLIENT, "client_secret", clientSecret)));
  }

  private void createRealm(LoadIssuer issuer) throws IOException, InterruptedException {
    String admin =
        token(
            "master",
            Map.of(
                "grant_type",
                "password",
                "client_id",
                "admin-cli",
                "username",
                "admin",
                "password",
                adminPassword));
    send(
        HttpRequest.newBuilder(address.resolve("/admin/realms"))
            .header("Authorization", "Bearer " + admin)
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofString(
                    JSONObjectUtils.toJSONString(
                        KeycloakLoadRealm.representation(REALM, CLIENT, clientSecret, issuer)))));
  }

  private String token(String realm, Map<String, String> form)
      throws IOException, InterruptedException {
    String json =
        send(
            HttpRequest.newBuilder(tokenEndpoint(realm))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encode(form))));
    try {
      return Objects.requireNonNull(
          JSONObjectUtils.getString(JSONObjectUtils.parse(json), "access_token"));
    } catch (ParseException e) {
      throw new IOException("Keycloak's token response is not JSON", e);
    }
  }

  private URI tokenEndpoint(String realm) {
    return address.resolve("/realms/" + realm + "/protocol/openid-connect/token");
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request.timeout(LIMIT).build(), BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(response.uri() + ": " + response.statusCode());
    }
    return response.body();
  }

  private static void build(Path script, Path log) throws IOException, InterruptedException {
    ProcessBuilder build =
        new ProcessBuilder(
                "sh",
                script.toString(),
                "build",
                "--db=dev-mem",
                "--cache=local",
                "--features=jwt-authorization-grant")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    build.environment().put("JAVA_HOME", System.getProperty("java.home"));
    if (build.start().waitFor() != 0) {
      throw new IOException("Keycloak cannot be built; see " + log);
    }
  }

  private static String encode(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static Path script() throws IOException {
    try (Stream<Path> folders = Files.list(HOME)) {
      return folders
          .map(folder -> folder.resolve("bin").resolve("kc.sh"))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow(() -> new IOException("no Keycloak in " + HOME))
          .toAbsolutePath();
    }
  }

  @Override
  public void close() {
    process.close();
    http.shutdownNow();
  }
}
