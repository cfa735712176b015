package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.peers.store.StoreSettings;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExposedFilesTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "token-broker.token.key-files, FILE",
    "token-broker.token.key-files[1], FILE",
    "token-broker.store.key-files, 'SAFE,FILE'",
    "token-broker.dpop.nonce-secret-file, FILE",
    "quarkus.oidc-client.idp.credentials.client-secret.provider.keyring-name, FILE",
    "quarkus.oidc-client.idp.credentials.jwt.token-path, FILE",
    "quarkus.tls.key-store.pem.server.key, FILE",
    "quarkus.tls.corp.key-store.p12.path, FILE",
  })
  void names_each_file_of_the_settings_that_everyone_may_read(String setting, String value)
      throws IOException {
    Path file = file("secret", "rw-r--r--");
    Path safe = file("safe", "rw-r-----");
    Map<String, String> settings = new HashMap<>();
    settings.put(setting, value.replace("FILE", file.toString()).replace("SAFE", safe.toString()));

    assertThat(ExposedFiles.warnings(Settings.config(settings)))
        .singleElement()
        .asString()
        .startsWith(file + " has a key or a secret")
        .contains("chmod o-r");
  }

  @Test
  void sees_settings_of_the_environment() throws IOException {
    Path file = file("secret", "rw-r--r--");
    Map<String, String> environment = Map.of("TOKEN_BROKER_STORE_KEY_FILES", file.toString());

    assertThat(
            ExposedFiles.warnings(
                new SmallRyeConfigBuilder()
                    .addDiscoveredConverters()
                    .withMapping(StoreSettings.class)
                    .withSources(new EnvConfigSource(environment, 300))
                    .build()))
        .hasSize(1);
  }

  @Test
  void names_the_secrets_of_upstreams() throws IOException {
    Path secret = file("secret", "rw-r--r--");
    Path key = file("key", "rw----r--");
    Federation federation =
        new Federation(
            "f".repeat(64),
            TrustedIssuers.of(List.of()),
            RegisteredClients.NONE,
            Policy.of(List.of(), List.of()),
            Map.of(
                "basic", upstream(new ClientAuthentication.Basic("broker", secret)),
                "key", upstream(new ClientAuthentication.PrivateKeyJwt("broker", key, null)),
                "safe", upstream(new ClientAuthentication.Post("broker", file("x", "rw-------"))),
                "none", upstream(new ClientAuthentication.NoAuthentication("broker"))),
            TestClock.START,
            List.of(),
            FormerIssuers.NONE);

    assertThat(ExposedFiles.warnings(federation))
        .hasSize(2)
        .anyMatch(warning -> warning.startsWith(secret + " "))
        .anyMatch(warning -> warning.startsWith(key + " "));
  }

  private static Upstream upstream(ClientAuthentication authentication) {
    return TestUpstreams.of(
        TestUpstreams.at(
            URI.create("https://sso.example/token"),
            UpstreamGrant.CLIENT_CREDENTIALS,
            authentication));
  }

  @Test
  void ignores_files_that_are_missing_or_protected_or_not_secret() throws IOException {
    Path file = file("public", "rw-r--r--");

    assertThat(
            ExposedFiles.warnings(
                Settings.config(
                    Map.of(
                        "token-broker.federation.path", file.toString(),
                        "quarkus.tls.trust-store.pem.certs", file.toString(),
                        "token-broker.token.key-files", file("key", "rw-------").toString(),
                        "token-broker.store.key-files", directory.resolve("none").toString()))))
        .isEqualTo(List.of());
  }

  private Path file(String name, String mode) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "x");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }
}
