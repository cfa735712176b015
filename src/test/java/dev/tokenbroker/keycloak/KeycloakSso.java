package dev.tokenbroker.keycloak;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * A realm of a Keycloak that the broker exchanges tokens at: clients of the broker's, one that
 * authenticates by secret and one by key; a workload whose user has tokens; and a service, {@value
 * #SERVICE}, that tokens are exchanged for.
 */
final class KeycloakSso {

  static final String BROKER = "token-broker";
  static final String BROKER_BY_KEY = "token-broker-by-key";
  static final String SERVICE = "orders";
  static final String USER = "alice";

  private static final String WORKLOAD = "workload";
  private static final String FOREIGN_USER = "payments-job";

  private final KeycloakAdmin admin;
  private final String realm;
  private final String secret = UUID.randomUUID().toString();

  private KeycloakSso(KeycloakAdmin admin, String realm) {
    this.admin = admin;
    this.realm = realm;
  }

  /**
   * Makes the realm.
   *
   * @param brokerKeys the public keys of {@link #BROKER_BY_KEY}
   */
  static KeycloakSso create(KeycloakAdmin admin, String realm, JWKSet brokerKeys)
      throws IOException {
    KeycloakSso sso = new KeycloakSso(admin, realm);
    Map<String, Object> representation =
        Map.of(
            "realm",
            realm,
            "enabled",
            true,
            "clients",
            List.of(sso.service(), sso.workload(), sso.broker(), sso.brokerByKey(brokerKeys)),
            "users",
            List.of(sso.user(USER)));
    admin.call("POST", "/admin/realms", representation);
    return sso;
  }

  String issuer() {
    return admin.issuer(realm);
  }

  /** The secret of {@link #BROKER}. */
  String secret() {
    return secret;
  }

  /** The keys that its tokens are signed with. */
  JWKSet keys() throws IOException, ParseException {
    return JWKSet.load(URI.create(issuer() + "/protocol/openid-connect/certs").toURL());
  }

  /** A token of {@link #USER}, whose audience is {@link #BROKER}. */
  String userToken() throws IOException {
    return admin.token(
        realm,
        Map.of(
            "grant_type", "password",
            "client_id", WORKLOAD,
            "client_secret", secret,
            "username", USER,
            "password", secret));
  }

  /** A token of the workload itself, whose audience is {@link #BROKER}. */
  String workloadToken() throws IOException {
    return admin.token(
        realm,
        Map.of("grant_type", "client_credentials", "client_id", WORKLOAD, "client_secret", secret));
  }

  /** Gives {@link #BROKER} another secret, and returns it. */
  String renewSecret() throws IOException {
    String renewed = UUID.randomUUID().toString();
    changeClient(BROKER, Map.of("secret", renewed));
    return renewed;
  }

  /** Lets those of another issuer in whose subject is that, as a user of its own. */
  void trust(String issuer, String jwksUrl, String subject) throws IOException {
    admin.call(
        "POST",
        path("/identity-provider/instances"),
        Map.of(
            "alias",
            "acme",
            "providerId",
            "jwt-authorization-grant",
            "enabled",
            true,
            "config",
            Map.of(
                "issuer",
                issuer,
                "jwksUrl",
                jwksUrl,
                "useJwksUrl",
                "true",
                "jwtAuthorizationGrantEnabled",
                "true")));
    admin.call("POST", path("/users"), user(FOREIGN_USER));
    admin.call(
        "POST",
        path("/users/" + userId(FOREIGN_USER) + "/federated-identity/acme"),
        Map.of("identityProvider", "acme", "userId", subject, "userName", subject));
  }

  /**
   * Makes a client that has no secret: it authenticates by assertions of another issuer about that
   * subject.
   */
  void trustClient(String issuer, String jwksUrl, String clientId, String subject)
      throws IOException {
    admin.call(
        "POST",
        path("/identity-provider/instances"),
        Map.of(
            "alias",
            "vouching",
            "providerId",
            "oidc",
            "enabled",
            true,
            "config",
            Map.of(
                "issuer", issuer,
                "jwksUrl", jwksUrl,
                "useJwksUrl", "true",
                "validateSignature", "true",
                "supportsClientAssertions", "true",
                "clientId", "unused",
                "clientSecret", "unused",
                "authorizationUrl", issuer + "/unused",
                "tokenUrl", issuer + "/unused")));
    admin.call(
        "POST",
        path("/clients"),
        client(
            clientId,
            Map.of(
                "clientAuthenticatorType",
                "federated-jwt",
                "attributes",
                Map.of("jwt.credential.issuer", "vouching", "jwt.credential.sub", subject))));
  }

  void disableClient(String clientId) throws IOException {
    changeClient(clientId, Map.of("enabled", false));
  }

  void disableUser() throws IOException {
    disable(USER);
  }

  /** The one that {@link #trust} has made. */
  void disableForeignUser() throws IOException {
    disable(FOREIGN_USER);
  }

  /** From now on tokens of {@link #BROKER} itself live for that time. */
  void shortenOwnTokens(int seconds) throws IOException, ParseException {
    Map<String, Object> broker = clientOf(BROKER);
    Map<String, Object> attributes =
        new HashMap<>(Objects.requireNonNull(JSONObjectUtils.getJSONObject(broker, "attributes")));
    attributes.put("access.token.lifespan", String.valueOf(seconds));
    changeClient(BROKER, Map.of("attributes", attributes));
  }

  /** Takes the permission to exchange tokens from {@link #BROKER}. */
  void forbidExchange() throws IOException {
    changeClient(BROKER, Map.of("attributes", Map.of("standard.token.exchange.enabled", "false")));
  }

  /** From now on tokens of the workload are no longer meant for {@link #BROKER}. */
  void takeBrokerOutOfAudience() throws IOException {
    Map<String, Object> workload = clientOf(WORKLOAD);
    for (Object mapper : (List<?>) Objects.requireNonNull(workload.get("protocolMappers"))) {
      Object id = ((Map<?, ?>) mapper).get("id");
      admin.call(
          "DELETE",
          path("/clients/" + workload.get("id") + "/protocol-mappers/models/" + id),
          Map.of());
    }
  }

  private Map<String, Object> service() {
    return client(SERVICE, Map.of());
  }

  private Map<String, Object> workload() {
    return client(
        WORKLOAD,
        Map.of("directAccessGrantsEnabled", true, "protocolMappers", List.of(audience(BROKER))));
  }

  private Map<String, Object> broker() {
    return client(
        BROKER,
        Map.of(
            "protocolMappers", List.of(audience(SERVICE)),
            "attributes",
                Map.of(
                    "standard.token.exchange.enabled", "true",
                    "oauth2.jwt.authorization.grant.enabled", "true",
                    "oauth2.jwt.authorization.grant.idp", "acme")));
  }

  private Map<String, Object> brokerByKey(JWKSet keys) {
    return client(
        BROKER_BY_KEY,
        Map.of(
            "clientAuthenticatorType",
            "client-jwt",
            "attributes",
            Map.of("use.jwks.string", "true", "jwks.string", keys.toString())));
  }

  private Map<String, Object> client(String clientId, Map<String, Object> more) {
    Map<String, Object> client = new HashMap<>();
    client.put("clientId", clientId);
    client.put("secret", secret);
    client.put("publicClient", false);
    client.put("serviceAccountsEnabled", true);
    client.put("standardFlowEnabled", false);
    client.put("fullScopeAllowed", false);
    client.putAll(more);
    return client;
  }

  private static Map<String, Object> audience(String clientId) {
    return Map.of(
        "name",
        "audience-" + clientId,
        "protocol",
        "openid-connect",
        "protocolMapper",
        "oidc-audience-mapper",
        "config",
        Map.of("included.client.audience", clientId, "access.token.claim", "true"));
  }

  private Map<String, Object> user(String name) {
    return Map.of(
        "username",
        name,
        "enabled",
        true,
        "firstName",
        name,
        "lastName",
        "Example",
        "email",
        name + "@acme.example",
        "emailVerified",
        true,
        "credentials",
        List.of(Map.of("type", "password", "value", secret, "temporary", false)));
  }

  private void disable(String user) throws IOException {
    admin.call("PUT", path("/users/" + userId(user)), Map.of("enabled", false));
  }

  private void changeClient(String clientId, Map<String, Object> change) throws IOException {
    Map<String, Object> client = new HashMap<>(clientOf(clientId));
    client.putAll(change);
    admin.call("PUT", path("/clients/" + client.get("id")), client);
  }

  private Map<String, Object> clientOf(String clientId) throws IOException {
    return first(admin.call("GET", path("/clients?clientId=" + clientId), Map.of()));
  }

  private String userId(String name) throws IOException {
    return (String)
        Objects.requireNonNull(
            first(admin.call("GET", path("/users?exact=true&username=" + name), Map.of()))
                .get("id"));
  }

  private static Map<String, Object> first(String json) throws IOException {
    try {
      Map<String, Object> all = JSONObjectUtils.parse("{\"all\":" + json + "}");
      return Objects.requireNonNull(JSONObjectUtils.getJSONObjectArray(all, "all"))[0];
    } catch (ParseException e) {
      throw new IOException("Keycloak's answer is not JSON", e);
    }
  }

  private String path(String below) {
    return "/admin/realms/" + realm + below;
  }
}
