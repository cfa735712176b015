package dev.tokenbroker.interop;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.util.Map;
import java.util.stream.Collectors;

/** The document of these brokers: issuers by name, of which each may have tokens for any target. */
final class InteropFederation {

  static final String TARGET = "payments-api";
  static final String PLAIN = "reports-api";
  static final String RESOURCE = "https://orders.example/api";

  private InteropFederation() {}

  static String of(Map<String, FakeIssuer> issuers) {
    return """
    issuers:
    %s
    targets:
      - {audience: %s, mint: {lifetime: 5m}}
      - {audience: '%s', mint: {lifetime: 5m}}
      - {audience: %s, mint: {typ: JWT, algorithm: RS256}}
    rules:
    %s
    """
        .formatted(
            each(issuers, "  - {name: %1$s, issuer: '%2$s', audiences: ['%3$s']}"),
            TARGET,
            RESOURCE,
            PLAIN,
            each(
                issuers,
                """
                  - {name: operators-of-%1$s, issuer: %1$s, audience: token-broker, when: claims.sub == "operator", scopes: [operate]}
                  - {name: gateways-of-%1$s, issuer: %1$s, audience: token-broker, when: claims.sub == "gateway", scopes: [introspect, revoke]}
                  - {name: pays-%1$s, issuer: %1$s, audience: payments-api, when: claims.repository == "acme/payments", scopes: [deploy, read]}
                  - {name: orders-%1$s, issuer: %1$s, audience: 'https://orders.example/api', when: 'true', scopes: [read]}
                  - {name: reports-%1$s, issuer: %1$s, audience: reports-api, when: 'true', scopes: [read]}"""));
  }

  private static String each(Map<String, FakeIssuer> issuers, String line) {
    return issuers.entrySet().stream()
        .map(
            issuer ->
                line.formatted(issuer.getKey(), issuer.getValue().issuer(), FakeIssuer.AUDIENCE))
        .collect(Collectors.joining("\n"));
  }
}
