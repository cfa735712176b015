package dev.tokenbroker.issue.github;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AppKeyFileTest {

  private static final KeyPair KEY = TestKeyFiles.rsa(2048);

  @ParameterizedTest
  @ValueSource(ints = {2048, 3072, 4096})
  void signs_by_a_key_in_the_form_of_github_and_in_that_of_others(int bits) throws Exception {
    KeyPair pair = TestKeyFiles.rsa(bits);
    Instant now = Instant.parse("2026-11-24T12:00:00.9Z");
    for (String file :
        List.of(
            GitHubServer.pkcs1(pair),
            GitHubServer.pkcs1(pair).replace("\n", "\r\n"),
            TestKeyFiles.pem(pair.getPrivate()))) {
      SignedJWT jwt =
          SignedJWT.parse(AppKeyFile.jwt(file.getBytes(UTF_8), "Iv23li", now).orElseThrow());

      assertThat(jwt.verify(new RSASSAVerifier((RSAPublicKey) pair.getPublic()))).isTrue();
      assertThat(jwt.getHeader().toJSONObject()).isEqualTo(Map.of("alg", "RS256", "typ", "JWT"));
      assertThat(jwt.getPayload().toJSONObject())
          .isEqualTo(
              Map.of(
                  "iat",
                  now.getEpochSecond() - 60,
                  "exp",
                  now.getEpochSecond() + 540,
                  "iss",
                  "Iv23li"));
    }
  }

  @ParameterizedTest
  @MethodSource("bad")
  void refuses_a_bad_file_in_words_that_hold_no_key(String content, String problem) {
    assertThat(AppKeyFile.fault(content.getBytes(UTF_8)).orElseThrow())
        .contains(problem)
        .doesNotContain("MII");
    assertThat(AppKeyFile.jwt(content.getBytes(UTF_8), "7", Instant.EPOCH)).isEmpty();
  }

  static List<Arguments> bad() {
    String good = GitHubServer.pkcs1(KEY);
    return List.of(
        argumentSet("empty", "", "no private key"),
        argumentSet("two keys", good + good, "holds 2 private keys"),
        argumentSet("short", GitHubServer.pkcs1(TestKeyFiles.rsa(1024)), "1024 bits"),
        argumentSet(
            "another type", TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()), "not RSA"),
        argumentSet("cut short", good.replaceFirst("(?s)(\n.{64}){3}", ""), "not a PKCS #8 key"),
        argumentSet("no base64", good.replaceFirst("MII", "*II"), "in the form RSA PRIVATE KEY"),
        argumentSet(
            "encrypted",
            good.replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"),
            "private key"));
  }
}
