package dev.tokenbroker.interop;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The document of these brokers: issuers by name, of which each may have tokens for any target. */
final class InteropFederation {

  static final String TARGET = "payments-api";

  /** Of the type JWT, with RS256 and with the algorithm of all others, ES256. */
  static final String PLAIN = "reports-api";

  static final String PLAIN_OWN = "billing-api";
  static final String RESOURCE = "https://orders.example/api";

  /** The registered client with a secret, and the target that only it may have tokens for. */
  static final String GATEWAY = "gateway";

  static final String RESTRICTED = "ledger-api";

  private static final String ENTRY = "  - ";

  private InteropFederation() {}

  static String of(Map<String, FakeIssuer> issuers) {
    return """
    issuers:
    %s
    targets:
      - {audience: %s, mint: {lifetime: 5m}}
      - {audience: '%s', mint: {lifetime: 5m}}
      - {audience: %s, mint: {typ: JWT, algorithm: RS256}}
      - {audience: %s, mint: {typ: JWT}}
    rules:
    %s
    """
        .formatted(
            each(issuers, "  - {name: %1$s, issuer: '%2$s', audiences: ['%3$s']}"),
            TARGET,
            RESOURCE,
            PLAIN,
            PLAIN_OWN,
            each(
                issuers,
                """
                  - {name: operators-of-%1$s, issuer: %1$s, audience: token-broker, when: claims.sub == "operator", scopes: [operate]}
                  - {name: gateways-of-%1$s, issuer: %1$s, audience: token-broker, when: claims.sub == "gateway", scopes: [introspect, revoke]}
                  - {name: pays-%1$s, issuer: %1$s, audience: payments-api, when: claims.repository == "acme/payments", scopes: [deploy, read]}
                  - {name: orders-%1$s, issuer: %1$s, audience: 'https://orders.example/api', when: 'true', scopes: [read]}
                  - {name: reports-%1$s, issuer: %1$s, audience: reports-api, when: 'true', scopes: [read]}
                  - {name: billing-%1$s, issuer: %1$s, audience: billing-api, when: 'true', scopes: [read]}"""
                    .indent(2)
                    .stripTrailing()));
  }

  /**
   * The document with {@link #GATEWAY} in it, as gateways.md prints client and rule; but the client
   * may do everything that a client may do.
   */
  static String withGateway(String document, Path secret) {
    List<String> printed =
        Documented.block("use/gateways.md", "yaml", "clients:")
            .lines()
            .filter(line -> line.startsWith(ENTRY))
            .map(line -> line.substring(ENTRY.length()))
            .toList();
    String client =
        Documented.changed(
            printed.getFirst(),
            Map.of(
                "/run/secrets/gateway",
                "'" + secret + "'",
                "[exchange]",
                "[exchange, introspect, revoke]"));
    String rule =
        Documented.changed(
            printed.getLast(),
            Map.of(
                "issuer: staff", "issuer: good",
                "orders-api", RESTRICTED,
                "claims.department == \"sales\"", "'true'"));
    String target = "{audience: %s, mint: {lifetime: 5m}}".formatted(RESTRICTED);
    return with(with(with(document, "clients", client), "targets", target), "rules", rule);
  }

  /** The document with one more entry in a section. */
  static String with(String document, String section, String entry) {
    String start = section + ":\n";
    String added = start + ENTRY + entry + "\n";
    return document.contains(start)
        ? document.replace(start, added)
        : document.stripTrailing() + "\n" + added;
  }

  private static String each(Map<String, FakeIssuer> issuers, String line) {
    return issuers.entrySet().stream()
        .map(
            issuer ->
                line.formatted(issuer.getKey(), issuer.getValue().issuer(), FakeIssuer.AUDIENCE))
        .collect(Collectors.joining("\n"));
  }
}
