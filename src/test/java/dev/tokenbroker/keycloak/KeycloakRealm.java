package dev.tokenbroker.keycloak;

import com.nimbusds.jose.util.JSONArrayUtils;
import java.io.IOException;
import java.text.ParseException;
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
        Map.of("realm", name, "enabled", true, "clients", List.of(realm.client(audience))));
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
            Objects.requireNonNull(old.getFirst().get("parentId")),
            "config",
            Map.of(
                "priority", List.of("200"),
                "enabled", List.of("true"),
                "active", List.of("true"),
                "keySize", List.of("2048"),
                "algorithm", List.of("RS256"))));
    for (Map<String, Object> component : old) {
      admin.call(
          "DELETE", "/admin/realms/" + name + "/components/" + component.get("id"), Map.of());
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
        // Otherwise its tokens are for the account console, too.
        "fullScopeAllowed",
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
        admin.call("GET", "/admin/realms/" + name + "/components?type=" + KEY_PROVIDER, Map.of());
    try {
      return JSONArrayUtils.parse(json).stream()
          .map(component -> (Map<String, Object>) component)
          .toList();
    } catch (ParseException e) {
      throw new IOException("Keycloak's components are not JSON", e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
