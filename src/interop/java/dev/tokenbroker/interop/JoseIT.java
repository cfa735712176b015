package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Grpc;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service in Node that verifies tokens with jose, while the keys of a running broker change. */
@Tag("interop")
class JoseIT {

  private static final Map<String, String> SHORT_LIVES =
      Map.of(
          "token-broker.token.key-file-poll-interval", "100ms",
          "token-broker.token.jwks-max-age", "1s",
          "token-broker.token.publish-before", "5s");

  @TempDir Path directory;

  private final List<String> keys = new ArrayList<>();

  /** By max-age as the broker states it, and with no fetch for a key that is not known. */
  private static final Map<String, Object> BY_MAX_AGE =
      Map.of("cacheMaxAge", 1_000, "cooldownDuration", 3_600_000);

  /** Never for age, and whenever a key is not known. */
  private static final Map<String, Object> BY_UNKNOWN_KEY =
      Map.of("cacheMaxAge", 3_600_000, "cooldownDuration", 0);

  @Test
  void verifies_every_token_across_rotations_through_each_algorithm() throws Exception {
    rotateTo("EC");
    try (FakeIssuer issuer = FakeIssuer.start();
        // Keys of an algorithm that a target names would not sign for other targets.
        InteropBroker broker =
            InteropBroker.start(
                directory,
                Documented.changed(
                    InteropFederation.of(Map.of("good", issuer)), Map.of(", algorithm: RS256", "")),
                settings());
        BrokerClient client = grpc(broker);
        InteropProgram byMaxAge = verifier(broker, BY_MAX_AGE);
        InteropProgram byUnknownKey = verifier(broker, BY_UNKNOWN_KEY)) {
      String first = token(client, issuer);
      assertThat(verified(byMaxAge, first)).isEqualTo("ES256");
      assertThat(verified(byUnknownKey, first)).isEqualTo("ES256");

      rotateTo("Ed25519");
      // Each of them is verified, whoever signed it, or there is no next look.
      String second =
          Eventually.see(
              () -> verifiable(byMaxAge, token(client, issuer)), token -> alg(token, "EdDSA"));
      assertThat(verified(byUnknownKey, second)).isEqualTo("EdDSA");

      rotateTo("RSA");
      String third =
          Eventually.see(
              () -> verifiable(byMaxAge, token(client, issuer)), token -> alg(token, "RS256"));
      assertThat(verified(byUnknownKey, third)).isEqualTo("RS256");

      // What was signed before is good as long as it lives, also by the keys of now.
      for (String token : List.of(first, second, third)) {
        assertThat(verified(byMaxAge, token)).isNotEmpty();
        assertThat(verified(byUnknownKey, token)).isNotEmpty();
      }
      assertThat(byUnknownKey.ask("verify", verifying(third)).text("fetches")).isEqualTo("3");
    }
  }

  @Test
  void refuses_what_another_broker_signed() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("other"));
    try (FakeIssuer issuer = FakeIssuer.start();
        InteropBroker broker =
            InteropBroker.start(directory, InteropFederation.of(Map.of("good", issuer)), Map.of());
        InteropBroker other =
            InteropBroker.start(
                elsewhere,
                InteropFederation.of(Map.of("good", issuer)),
                Map.of("token-broker.token.issuer", broker.url()));
        BrokerClient client = grpc(other);
        InteropProgram verifier = verifier(broker, BY_UNKNOWN_KEY)) {

      assertThat(verifier.ask("verify", verifying(token(client, issuer))).text("refused"))
          .isEqualTo("ERR_JWKS_NO_MATCHING_KEY");
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(SHORT_LIVES);
    settings.put("token-broker.token.key-files", keyFile().toString());
    return settings;
  }

  private Path keyFile() {
    return directory.resolve("signing.pem");
  }

  /** Puts a new key before those of the file, which is replaced whole. */
  private void rotateTo(String algorithm) throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (algorithm.equals("EC")) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    }
    byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
    keys.addFirst(
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(key)));
    Path next = Files.writeString(directory.resolve("signing.next"), String.join("", keys));
    Files.move(next, keyFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static BrokerClient grpc(InteropBroker broker) throws IOException {
    return BrokerClient.over(
        Grpc.newChannelBuilder(
                broker.grpcAuthority(),
                TlsChannelCredentials.newBuilder().trustManager(broker.root().toFile()).build())
            .build());
  }

  private static InteropProgram verifier(InteropBroker broker, Map<String, Object> options) {
    InteropProgram verifier = InteropProgram.node("verifier.mjs", broker);
    verifier.ask(
        "trust",
        Map.of(
            "issuer",
            broker.url(),
            "jwksUri",
            broker.url() + "/.well-known/jwks.json",
            "options",
            options));
    return verifier;
  }

  private static String token(BrokerClient client, FakeIssuer issuer) {
    return client
        .exchange(
            ExchangeTokenRequest.newBuilder()
                .setAudience(InteropFederation.TARGET)
                .setSubjectToken(issuer.credential())
                .build())
        .granted()
        .getAccessToken();
  }

  private static String verifiable(InteropProgram verifier, String token) {
    assertThat(verified(verifier, token)).isNotEmpty();
    return token;
  }

  /** The algorithm of a token that the verifier accepts. */
  private static String verified(InteropProgram verifier, String token) {
    Answer answer = verifier.ask("verify", verifying(token));
    assertThat(answer.text("refused")).as("%s", answer).isEmpty();
    return answer.text("protectedHeader", "alg");
  }

  private static Map<String, String> verifying(String token) {
    return Map.of("token", token, "audience", InteropFederation.TARGET);
  }

  private static boolean alg(String token, String wanted) {
    try {
      return SignedJWT.parse(token).getHeader().getAlgorithm().getName().equals(wanted);
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }
}
