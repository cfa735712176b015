package dev.tokenbroker.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.Eventually;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The well-known documents of a broker whose key file cannot be read yet. */
@QuarkusTest
@TestProfile(WellKnownWithoutKeyTest.BrokerWithoutKey.class)
class WellKnownWithoutKeyTest {

  private static final Path KEY_FILE =
      Path.of("target", "well-known-without-key-test", "key.pem").toAbsolutePath();
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final List<String> DOCUMENTS =
      List.of("/.well-known/jwks.json", DISCOVERY, "/.well-known/oauth-authorization-server");

  /** A broker that waits for its key. */
  public static final class BrokerWithoutKey implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      try {
        Files.createDirectories(KEY_FILE.getParent());
        Files.deleteIfExists(KEY_FILE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Map.of(
          "token-broker.token.issuer",
          "https://broker.example",
          "token-broker.token.key-files",
          KEY_FILE.toString(),
          "token-broker.token.key-file-poll-interval",
          "10ms");
    }
  }

  @Test
  void has_verifiers_come_back_for_the_first_key_and_keep_nothing_until_then() throws Exception {
    for (String path : DOCUMENTS) {
      Response answer = given().header("If-None-Match", "*").get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(503);
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(answer.header("Retry-After")).isEqualTo("1");
      assertThat(answer.contentType()).isEqualTo("application/problem+json");
    }

    putKey();

    assertThat(Eventually.see(() -> given().get(DISCOVERY).statusCode(), now -> now == 200))
        .isEqualTo(200);
    for (String path : DOCUMENTS) {
      Response answer = given().get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=300");
    }
    assertThat(given().get(DISCOVERY).jsonPath().getList("id_token_signing_alg_values_supported"))
        .isEqualTo(List.of("RS256"));
  }

  /** Of another algorithm than the settings name for keys that the broker makes. */
  private static void putKey() throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    String base64 =
        Base64.getEncoder().encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    Path whole =
        Files.writeString(
            KEY_FILE.resolveSibling("new.pem"),
            "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n");
    Files.move(whole, KEY_FILE, StandardCopyOption.ATOMIC_MOVE);
  }
}
