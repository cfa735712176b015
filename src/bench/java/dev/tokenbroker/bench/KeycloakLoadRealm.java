package dev.tokenbroker.bench;

import java.util.List;
import java.util.Map;

/** A Keycloak realm that exchanges credentials of a {@link LoadIssuer} and its own tokens. */
final class KeycloakLoadRealm {

  private static final String IDENTITY_PROVIDER = "load";

  private KeycloakLoadRealm() {}

  /** As the admin REST API takes it. */
  static Map<String, Object> representation(
      String realm, String client, String clientSecret, LoadIssuer issuer) {
    return Map.of(
        "realm",
        realm,
        "enabled",
        true,
        "sslRequired",
        "none",
        "defaultSignatureAlgorithm",
        "ES256",
        "accessTokenLifespan",
        3_600,
        "clients",
        List.of(client(client, clientSecret)),
        "identityProviders",
        List.of(identityProvider(issuer)),
        "users",
        List.of(workload()));
  }

  private static Map<String, Object> client(String name, String secret) {
    return Map.of(
        "clientId",
        name,
        "secret",
        secret,
        "publicClient",
        false,
        "serviceAccountsEnabled",
        true,
        "standardFlowEnabled",
        false,
        "attributes",
        Map.of(
            "standard.token.exchange.enabled",
            "true",
            "oauth2.jwt.authorization.grant.enabled",
            "true",
            "oauth2.jwt.authorization.grant.idp",
            IDENTITY_PROVIDER),
        // Only a token meant for the client may be exchanged by it.
        "protocolMappers",
        List.of(
            Map.of(
                "name",
                "itself",
                "protocol",
                "openid-connect",
                "protocolMapper",
                "oidc-audience-mapper",
                "config",
                Map.of("included.client.audience", name, "access.token.claim", "true"))));
  }

  private static Map<String, Object> identityProvider(LoadIssuer issuer) {
    return Map.of(
        "alias",
        IDENTITY_PROVIDER,
        "providerId",
        "jwt-authorization-grant",
        "enabled",
        true,
        "config",
        Map.of(
            "issuer",
            LoadIssuer.ISSUER,
            "useJwksUrl",
            "false",
            "publicKeySignatureVerifier",
            issuer.publicKeyPem(),
            "publicKeySignatureVerifierKeyId",
            LoadIssuer.KEY_ID,
            "jwtAuthorizationGrantEnabled",
            "true",
            "jwtAuthorizationGrantAssertionReuseAllowed",
            "true",
            "jwtAuthorizationGrantAssertionSignatureAlg",
            issuer.algorithm().getName(),
            "jwtAuthorizationGrantMaxAllowedAssertionExpiration",
            "7200"));
  }

  private static Map<String, Object> workload() {
    return Map.of(
        "username",
        "workload",
        "enabled",
        true,
        "email",
        "workload@acme.example",
        "firstName",
        "Work",
        "lastName",
        "Load",
        "federatedIdentities",
        List.of(
            Map.of(
                "identityProvider",
                IDENTITY_PROVIDER,
                "userId",
                LoadIssuer.SUBJECT,
                "userName",
                "workload")));
  }
}
