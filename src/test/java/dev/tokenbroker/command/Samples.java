package dev.tokenbroker.command;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The files of the examples in {@code commands.md}: documents and credentials, good and bad. */
final class Samples {

  static final String GOOD =
      """
      issuers:
        - name: github
          issuer: https://issuer.example
          audiences: [https://broker.example]
          jwksFile: jwks.json
      targets:
        - audience: payments-api
          mint: {lifetime: 10m}
      rules:
        - name: deploy-payments
          issuer: github
          audience: payments-api
          when: claims.repository == "acme/payments"
          subject: '"repo:" + claims.repository'
          scopes: [deploy, read]
      """;

  static final String BAD =
      """
      issuers:
        - name: github
          issuer: http://issuer.example
          audiences: []
      targets:
        - audience: payments-api
          mint: {lifetime: 10}
      rules:
        - name: deploy-payments
          issuer: gitlab
          audience: payments-api
          when: claims.repository = "acme/payments"
      """;

  private static final String CASES =
      """
      federation: good.yaml
      identities:
        main:
          issuer: github
          claims: {sub: 'repo:acme/payments:ref:refs/heads/main', repository: acme/payments}
        fork: {like: main, claims: {repository: mallory/payments}}
      cases:
        - {name: the main repository deploys, identity: main, audience: payments-api, expect: {accepted: deploy-payments}}
        - {name: a fork reads, identity: fork, audience: payments-api, expect: {accepted: deploy-payments}}
      """;

  private static final TestKey KEY = TestKey.generate("key-1", SigningAlgorithm.ES256);

  private final Path directory;

  private Samples(Path directory) {
    this.directory = directory;
  }

  /** Lays all of them out. */
  static Samples in(Path directory) {
    Samples samples = new Samples(directory);
    samples.write("good.yaml", GOOD);
    samples.write("bad.yaml", BAD);
    samples.write("good.cases.yaml", CASES);
    samples.write("huge.yaml", "#".repeat(10 << 20));
    samples.write("jwks.json", JSONObjectUtils.toJSONString(Map.of("keys", List.of(KEY.jwk()))));
    samples.write("teams/a.yaml", GOOD.replace("jwks.json", "../jwks.json"));
    samples.write("teams/b.yaml", "targets: [{audience: payments-api, mint: {lifetime: 5m}}]\n");
    samples.write("ci.jwt", credential().sign() + "\n");
    samples.write("slash.jwt", credential().claim("iss", "https://issuer.example/").sign());
    Instant past = Instant.now().minusSeconds(4000);
    samples.write(
        "old.jwt",
        credential()
            .claim("nbf", past.getEpochSecond())
            .claim("iat", past.getEpochSecond())
            .claim("exp", past.plusSeconds(600).getEpochSecond())
            .sign());
    samples.write("fork.jwt", credential().claim("repository", "mallory/payments").sign());
    samples.write("cut.jwt", credential().sign().substring(0, 100));
    samples.write("huge.jwt", "a".repeat(10 << 20));
    return samples;
  }

  /** A credential that the good document accepts now. */
  static TestCredential credential() {
    long now = Instant.now().getEpochSecond();
    return TestCredential.of(KEY).claim("nbf", now).claim("iat", now).claim("exp", now + 600);
  }

  /** The path of one. */
  String path(String name) {
    return directory.resolve(name).toString();
  }

  /** Nobody may read it any more. */
  void lock(String name) {
    Unchecked.run(() -> Files.setPosixFilePermissions(directory.resolve(name), Set.of()));
  }

  String read(String name) {
    return Unchecked.get(() -> Files.readString(directory.resolve(name)));
  }

  String write(String name, String text) {
    try {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text).toString();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
