package dev.tokenbroker.federation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.issuer.FixedKeys;
import dev.tokenbroker.issuer.KeyLocation;
import dev.tokenbroker.issuer.KeySetDocument;
import dev.tokenbroker.issuer.KeySetSource;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.jose.TestKey;
import dev.tokenbroker.jose.VerificationKey;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.sts.TestUpstreams;
import dev.tokenbroker.sts.Upstream;
import dev.tokenbroker.sts.UpstreamDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Federation documents for tests, and what loads them. */
final class Documents {

  /** A key set with one P-256 key (RFC 7515 appendix A.3.1). */
  static final String JWKS =
      """
      {"keys": [{"kty": "EC", "crv": "P-256", "kid": "k1",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
      """;

  static final String GOOD =
      """
      issuers:
        - name: github
          issuer: https://token.actions.githubusercontent.com
          audiences: [https://broker.acme.example]
          algorithms: [RS256]
          leeway: 60s
      targets:
        - audience: payments-api
          mint: {lifetime: 10m}
        - audience: orders
      rules:
        - name: deploy-payments
          issuer: github
          when: claims.repository_id == "42" && claims.ref == "refs/heads/main"
          audience: payments-api
          subject: '"repo:" + claims.repository'
          scopes: [deploy, read]
          claims:
            run: claims.run_id
        - name: operators
          issuer: github
          when: claims.actor == "root"
          audience: token-broker
          scopes: [operate]
      """;

  /** Wants a file {@code secret} beside it. */
  static final String EXCHANGING =
      """
      rules:
        - name: all
          issuer: github
          when: "true"
          audience: orders
          scopes: [read]
      targets:
        - audience: orders
          exchange:
            upstream: sso
            audience: orders-service
            resources: [urn:orders, "https://orders.example/?v=1"]
            scopes: [b, a]
            parameters: {requested_token_use: on_behalf_of}
      upstreams:
        - name: sso
          issuer: https://sso.acme.example/realms/prod
          clientId: token-broker
          clientSecretFile: secret
      issuers:
        - name: github
          issuer: https://token.actions.githubusercontent.com
          audiences: [https://broker.acme.example]
      """;

  private static final VerificationKey KEY =
      VerificationKey.of(TestKey.generate("k", SigningAlgorithm.ES256).jwk()).orElseThrow();
  private static final Map<KeyLocation, KeySetSource> REMOTE = new ConcurrentHashMap<>();
  private static final Map<UpstreamDefinition, Upstream> UPSTREAMS = new ConcurrentHashMap<>();
  private static final FederationLoader LOADER = loader(false);

  private Documents() {}

  static FederationLoader loader(boolean httpToLoopback) {
    return new FederationLoader(
        Documents::remote, Documents::upstream, DocumentGate.OPEN, new TestClock(), httpToLoopback);
  }

  /** The same source for the same location, as in production. */
  static KeySetSource remote(KeyLocation location) {
    return REMOTE.computeIfAbsent(
        location, _ -> FixedKeys.of(new KeySetDocument(List.of(KEY), Map.of())));
  }

  /** The same upstream for the same definition, as in production. */
  static Upstream upstream(UpstreamDefinition definition) {
    return UPSTREAMS.computeIfAbsent(definition, TestUpstreams::of);
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Federation loaded(Path path) {
    LoadResult result = LOADER.load(path);
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).federation();
  }

  static List<Problem> problems(Path path) {
    LoadResult result = LOADER.load(path);
    assertThat(result).isInstanceOf(LoadResult.Rejected.class);
    return ((LoadResult.Rejected) result).problems();
  }

  /** Two looks: one that sees a change and one that finds it settled. */
  static void settle(Federations federations) {
    DocumentWatcher watcher = watcher(federations);
    assertThat(watcher.check()).isTrue();
    assertThat(watcher.check()).isFalse();
  }

  static DocumentWatcher watcher(Federations federations) {
    return new DocumentWatcher(federations.watched(), Duration.ofSeconds(2));
  }
}
