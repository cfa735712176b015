package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.issuer.FixedKeys;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Federation documents for tests, and what loads them. */
public final class Documents {

  /** A key set with one P-256 key (RFC 7515 appendix A.3.1). */
  public static final String JWKS =
      """
      {"keys": [{"kty": "EC", "crv": "P-256", "kid": "k1",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
      """;

  public static final String GOOD =
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
  public static final String EXCHANGING =
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
        Documents::remote,
        Documents::upstream,
        DocumentGate.OPEN,
        new TestClock(),
        Surroundings.unknown(httpToLoopback));
  }

  /** The same source for the same location, as in production. */
  public static KeySetSource remote(KeyLocation location) {
    return REMOTE.computeIfAbsent(
        location, _ -> FixedKeys.of(new KeySetDocument(List.of(KEY), Map.of())));
  }

  /** The same upstream for the same definition, as in production. */
  public static Upstream upstream(UpstreamDefinition definition) {
    return UPSTREAMS.computeIfAbsent(definition, TestUpstreams::of);
  }

  public static void write(Path file, String text) {
    Unchecked.run(() -> Files.writeString(file, text));
  }

  static Federation loaded(Path path) {
    LoadResult result = LOADER.load(path);
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).federation();
  }

  public static List<Problem> problems(Path path) {
    LoadResult result = LOADER.load(path);
    assertThat(result).isInstanceOf(LoadResult.Rejected.class);
    return ((LoadResult.Rejected) result).problems();
  }
}
