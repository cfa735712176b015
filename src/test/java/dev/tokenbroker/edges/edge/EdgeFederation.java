package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * Those whom the broker of {@link EdgeIT} deals with, and the document that names them: an issuer
 * with a key of every algorithm, one behind a private authority whose credentials may be exchanged
 * once only, one that is down, and an upstream behind the private authority.
 */
final class EdgeFederation implements AutoCloseable {

  final FakeIssuer issuer = FakeIssuer.start();
  final FakeIssuer corporate = FakeIssuer.startTls();
  final FakeUpstream upstream =
      FakeUpstream.startTls(corporate.tls().server("localhost"), asked -> FakeUpstream.token());

  /** The keys of the issuer. */
  final Map<SigningAlgorithm, TestKey> keys = new EnumMap<>(SigningAlgorithm.class);

  private final Map<SigningAlgorithm, String> credentials = new EnumMap<>(SigningAlgorithm.class);

  EdgeFederation() {
    for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
      issuer.addKey(algorithm);
      keys.put(algorithm, issuer.key());
      credentials.put(algorithm, issuer.credential());
    }
  }

  /** A broker with the document in that directory. */
  BrokerProcess.Setup setup(Path directory) {
    return new BrokerProcess.Setup(Documents.write(directory, document()))
        .with("token-broker.grpc.reflection", "true")
        .with(
            "quarkus.tls.corp.trust-store.pem.certs",
            corporate.tls().writeRoot(directory).toString());
  }

  /** A credential signed with that algorithm. */
  String credential(SigningAlgorithm algorithm) {
    return credentials.getOrDefault(algorithm, "");
  }

  @Override
  public void close() {
    issuer.close();
    corporate.close();
    upstream.close();
  }

  private String document() {
    return """
    issuers:
      - {name: good, issuer: '%1$s', audiences: ['%5$s']}
      - {name: corporate, issuer: '%2$s', audiences: ['%5$s'], tls: corp, once: true}
      - {name: untrusted, issuer: '%3$s', audiences: ['%5$s']}
    upstreams:
      - {name: sso, tokenEndpoint: '%4$s/token', clientAuthentication: none, clientId: broker, tls: corp}
    targets:
      - {audience: payments-api, mint: {lifetime: 10m}}
      - {audience: teams, mint: {lifetime: 5m}}
      - {audience: orders, exchange: {upstream: sso}}
    rules:
      - {name: operators, issuer: good, audience: token-broker, when: claims.sub == "operator", scopes: [operate]}
      - {name: services, issuer: good, audience: token-broker, when: claims.sub == "service", scopes: [introspect, revoke]}
      - {name: pays, issuer: good, audience: payments-api, when: claims.repository == "acme/payments", scopes: [deploy, read]}
      - {name: pays-corporate, issuer: corporate, audience: payments-api, when: 'true', scopes: [read]}
      - {name: pays-untrusted, issuer: untrusted, audience: payments-api, when: 'true', scopes: [read]}
      - {name: orders, issuer: good, audience: orders, when: 'true', scopes: [read]}
      - name: teams
        issuer: good
        audience: teams
        when: |
          has(claims.env) && claims.env in ["prod", "stage"]
            && claims.groups.exists(g, g.matches("^team-[a-z]+$"))
            && timestamp(claims.since) < timestamp("2026-01-01T00:00:00Z")
            && duration(claims.shift) <= duration("8h")
        subject: '"team:" + claims.groups.filter(g, g.startsWith("team-"))[0]'
        claims:
          groups: claims.groups.map(g, g.size())
          year: timestamp(claims.since).getFullYear()
        scopes: [read]
    """
        .formatted(
            issuer.issuer(),
            corporate.issuer(),
            "https://localhost:1",
            upstream.origin(),
            FakeIssuer.AUDIENCE);
  }
}
