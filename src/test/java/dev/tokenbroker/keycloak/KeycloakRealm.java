package dev.tokenbroker.keycloak;

import com.nimbusds.jose.util.JSONArrayUtils;
import java.io.IOException;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * A realm of a Keycloak with one confidential client, made and changed over the admin REST API. The
 * client's tokens are RS256-signed JWTs whose {@code aud} holds the audience given.
 */
final class KeycloakRealm implements AutoCloseable {

  static final String CLIENT = "payments-job";

  private static final String KEY_PROVIDER = "org.keycloak.keys.KeyProvider";

  private static final int ACCESS_TOKEN_SECONDS = 600;

  /** Priorities of keys; the realm's first key has 100. */
  private static final int PREFERRED = 200;

  private static final int LAST = 1;

  private final String clientSecret = UUID.randomUUID().toString();
  private final KeycloakAdmin admin;
  private final String name;

  private KeycloakRealm(KeycloakServer server, String name) {
    this.admin = new KeycloakAdmin(server);
    this.name = name;
  }

  /** Makes the realm {@code acme} and the client. */
  static KeycloakRealm create(KeycloakServer server, String audience) throws IOException {
    return create(server, "acme", audience);
  }

  /** Makes the realm and the client. */
  static KeycloakRealm create(KeycloakServer server, String name, String audience)
      throws IOException {
    KeycloakRealm realm = new KeycloakRealm(server, name);
    realm.admin.call(
        "POST",
        "/admin/realms",
        Map.of(
            "realm",
            name,
            "enabled",
            true,
            "accessTokenLifespan",
            ACCESS_TOKEN_SECONDS,
            "clients",
            List.of(realm.client(audience))));
    return realm;
  }

  /** The {@code iss} of its tokens. */
  String issuer() {
    return admin.issuer(name);
  }

  /** A fresh access token of the client (RFC 6749 section 4.4). */
  String clientCredentialsToken() throws IOException {
    return admin.token(
        name,
        Map.of(
            "grant_type", "client_credentials",
            "client_id", CLIENT,
            "client_secret", clientSecret));
  }

  /** Makes a new RSA key the active one and deletes the others. */
  void rotateKeys() throws IOException {
    List<Map<String, Object>> old = keys();
    addKey(PREFERRED);
    for (Map<String, Object> key : old) {
      admin.call("DELETE", path(key), Map.of());
    }
  }

  /**
   * Takes the RSA keys out of the realm's key set, with a new one that signs once all are out of
   * it.
   */
  void retireKeys() throws IOException {
    List<Map<String, Object>> old = keys();
    addKey(LAST);
    for (Map<String, Object> key : old) {
      Map<Object, Object> config =
          new HashMap<>((Map<?, ?>) Objects.requireNonNull(key.get("config")));
      config.put("active", List.of("false"));
      config.put("enabled", List.of("false"));
      Map<String, Object> disabled = new HashMap<>(key);
      disabled.put("config", config);
      admin.call("PUT", path(key), disabled);
    }
  }

  /** Deletes the keys that are disabled. */
  void deleteRetiredKeys() throws IOException {
    for (Map<String, Object> key : keys()) {
      if (key.get("config") instanceof Map<?, ?> config
          && List.of("false").equals(config.get("enabled"))) {
        admin.call("DELETE", path(key), Map.of());
      }
    }
  }

  /** Makes a new RSA key the active one and goes on publishing the others. */
  void addKey() throws IOException {
    addKey(PREFERRED);
  }

  private void addKey(int priority) throws IOException {
    admin.call(
        "POST",
        "/admin/realms/" + name + "/components",
        Map.of(
            "name",
            "rotated-" + UUID.randomUUID(),
            "providerId",
            "rsa-generated",
            "providerType",
            KEY_PROVIDER,
            "parentId",
            Objects.requireNonNull(keys().getFirst().get("parentId")),
            "config",
            Map.of(
                "priority", List.of(Integer.toString(priority)),
                "enabled", List.of("true"),
                "active", List.of("true"),
                "keySize", List.of("2048"),
                "algorithm", List.of("RS256"))));
  }

  private String path(Map<String, Object> component) {
    return "/admin/realms/" + name + "/components/" + component.get("id");
  }

  private List<Map<String, Object>> keys() throws IOException {
    return components().stream()
        .filter(component -> "rsa-generated".equals(component.get("providerId")))
        .toList();
  }

  /** Adds a claim of that JSON type to the client's tokens, or changes it. */
  void claim(String claim, String value, String type) throws IOException {
    Map<String, Object> mapper = new HashMap<>();
    mapper.put("name", claim);
    mapper.put("protocol", "openid-connect");
    mapper.put("protocolMapper", "oidc-hardcoded-claim-mapper");
    mapper.put(
        "config",
        Map.of(
            "claim.name", claim,
            "claim.value", value,
            "jsonType.label", type,
            "access.token.claim", "true"));
    String mappers = mappers();
    for (Map<String, Object> before : list(admin.call("GET", mappers, Map.of()))) {
      if (claim.equals(before.get("name"))) {
        mapper.put("id", Objects.requireNonNull(before.get("id")));
        admin.call("PUT", mappers + "/" + before.get("id"), mapper);
        return;
      }
    }
    admin.call("POST", mappers, mapper);
  }

  /** Adds one more audience to the client's tokens. */
  void addAudience(String audience) throws IOException {
    admin.call("POST", mappers(), audienceMapper("another-audience", audience));
  }

  /** Changes the URL of the realm, and with it its issuer. */
  void frontendUrl(String url) throws IOException {
    admin.call(
        "PUT",
        "/admin/realms/" + name,
        Map.of("realm", name, "attributes", Map.of("frontendUrl", url)));
  }

  private String mappers() throws IOException {
    String clients = "/admin/realms/" + name + "/clients";
    Object id =
        list(admin.call("GET", clients + "?clientId=" + CLIENT, Map.of())).getFirst().get("id");
    return clients + "/" + id + "/protocol-mappers/models";
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
        // Otherwise its tokens are for the account console, too.
        "fullScopeAllowed",
        false,
        "protocolMappers",
        List.of(audienceMapper("broker-audience", audience)));
  }

  private static Map<String, Object> audienceMapper(String mapper, String audience) {
    return Map.of(
        "name",
        mapper,
        "protocol",
        "openid-connect",
        "protocolMapper",
        "oidc-audience-mapper",
        "config",
        Map.of("included.custom.audience", audience, "access.token.claim", "true"));
  }

  private List<Map<String, Object>> components() throws IOException {
    return list(
        admin.call("GET", "/admin/realms/" + name + "/components?type=" + KEY_PROVIDER, Map.of()));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(String json) throws IOException {
    try {
      return JSONArrayUtils.parse(json).stream().map(entry -> (Map<String, Object>) entry).toList();
    } catch (ParseException e) {
      throw new IOException("Keycloak's answer is not JSON", e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
