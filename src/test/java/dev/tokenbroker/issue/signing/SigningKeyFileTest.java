package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokenbroker.base.jose.SignatureProviders#each")
class SigningKeyFileTest {

  private static final KeyPair EC = TestKeyFiles.ec("secp256r1");
  private static final KeyPair RSA = TestKeyFiles.rsa(2048);

  /** RFC 8037 appendix A.1, and its thumbprint of A.3. */
  private static final String ED25519_JWK =
      """
      {"kty":"OKP","crv":"Ed25519",
       "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
       "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""";

  private static final String ED25519_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

  private final SignatureProvider provider;

  SigningKeyFileTest(SignatureProvider provider) {
    this.provider = provider;
  }

  @Test
  void reads_pem_with_ec_keys_and_finds_their_public_halves() {
    for (int count = 0; count < 20; count++) {
      KeyPair pair = TestKeyFiles.ec("secp256r1");
      SigningKey key = only(TestKeyFiles.pem(pair.getPrivate()));
      ECKey expected = new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic()).build();
      assertThat(key.algorithm()).isEqualTo(SigningAlgorithm.ES256);
      assertThat(key.publicJwk()).containsAllEntriesOf(expected.toJSONObject());
    }
  }

  @Test
  void reads_pem_with_an_rsa_key() {
    SigningKey key = only(TestKeyFiles.pem(RSA.getPrivate()));
    RSAKey expected = new RSAKey.Builder((RSAPublicKey) RSA.getPublic()).build();
    assertThat(key.algorithm()).isEqualTo(SigningAlgorithm.RS256);
    assertThat(key.publicJwk()).containsAllEntriesOf(expected.toJSONObject());
  }

  @Test
  void reads_the_pem_of_rfc_8410_and_finds_its_public_half() {
    SigningKey key =
        only(
            """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """);
    byte[] x = Base64.getDecoder().decode("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
    assertThat(key.algorithm()).isEqualTo(SigningAlgorithm.EDDSA);
    assertThat(key.publicJwk()).containsEntry("x", Base64URL.encode(x).toString());
  }

  @Test
  void reads_the_ed25519_jwk_of_rfc_8037_and_names_its_thumbprint() {
    SigningKey key = only(ED25519_JWK);
    assertThat(key.algorithm()).isEqualTo(SigningAlgorithm.EDDSA);
    assertThat(key.kid()).isEqualTo(ED25519_THUMBPRINT);
  }

  @Test
  void reads_a_jwk_set_in_order() {
    String set = "{\"keys\":[" + ED25519_JWK + "," + ecJwk(EC) + "," + rsaJwk(RSA) + "]}";
    assertThat(TestKeyFiles.keys(set, provider))
        .extracting(SigningKey::algorithm)
        .containsExactly(SigningAlgorithm.EDDSA, SigningAlgorithm.ES256, SigningAlgorithm.RS256);
  }

  @Test
  void reads_several_pem_blocks_in_order_and_skips_public_ones() {
    String pem =
        "a line before\n"
            + TestKeyFiles.pem("EC PARAMETERS", new byte[] {6, 8})
            + TestKeyFiles.pem(EC.getPrivate())
            + TestKeyFiles.pem("PUBLIC KEY", EC.getPublic().getEncoded())
            + TestKeyFiles.pem(RSA.getPrivate());
    assertThat(TestKeyFiles.keys(pem.replace("\n", "\r\n"), provider))
        .extracting(SigningKey::algorithm)
        .containsExactly(SigningAlgorithm.ES256, SigningAlgorithm.RS256);
  }

  @Test
  void publishes_nothing_private() {
    for (SigningKey key : List.of(only(ED25519_JWK), only(ecJwk(EC)), only(rsaJwk(RSA)))) {
      assertThat(key.publicJwk()).doesNotContainKeys("d", "p", "q", "dp", "dq", "qi", "oth");
      assertThat(key.toString())
          .isEqualTo(
              "SigningKey[kid=" + key.kid() + ", algorithm=" + key.algorithm().jwaName() + "]");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badFiles")
  void refuses_a_bad_file_in_words_that_hold_no_key(String name, String content, String expected) {
    String problem = TestKeyFiles.problem(content, provider);
    assertThat(problem).as(name).contains(expected);
    Pattern.compile("[A-Za-z0-9+/_-]{16,}")
        .matcher(content)
        .results()
        .forEach(run -> assertThat(problem).doesNotContain(run.group()));
  }

  static Stream<Arguments> badFiles() {
    KeyPair other = TestKeyFiles.ec("secp256r1");
    KeyPair p384 = TestKeyFiles.ec("secp384r1");
    byte[] noise = "this is certainly not a private key".getBytes(StandardCharsets.UTF_8);
    return Stream.of(
        bad("empty", "", "no private key"),
        bad("text", "hello", "no private key"),
        bad("public key only", TestKeyFiles.pem("PUBLIC KEY", noise), "no private key"),
        bad("encrypted", TestKeyFiles.pem("ENCRYPTED PRIVATE KEY", noise), "an encrypted"),
        bad("SEC 1", TestKeyFiles.pem("EC PRIVATE KEY", noise), "openssl pkcs8"),
        bad("PKCS #1", TestKeyFiles.pem("RSA PRIVATE KEY", noise), "openssl pkcs8"),
        bad("not base64", pemText("*** no ***"), "not base64"),
        bad("not PKCS #8", TestKeyFiles.pem("PRIVATE KEY", noise), "not a PKCS #8 key"),
        bad("small RSA", pem(TestKeyFiles.rsa(1024)), "1024 bits, where RS256 needs 2048"),
        bad("P-384", pem(p384), "another curve than P-256"),
        bad("Ed448", pem(TestKeyFiles.named("Ed448")), "not a PKCS #8 key of type"),
        bad("X25519", pem(TestKeyFiles.named("X25519")), "not a PKCS #8 key of type"),
        bad("DSA", pem(TestKeyFiles.named("DSA")), "not a PKCS #8 key of type"),
        bad("bad after good", pem(EC) + pem(p384), "another curve than P-256"),
        bad("broken JSON", "{\"kty\":", "JSON that is not well-formed"),
        bad("no kty", "{\"crv\":\"P-256\"}", "a JWK that is not well-formed"),
        bad("kty no string", "{\"kty\":7}", "a JWK that is not well-formed"),
        bad("public JWK", publicJwk(EC), "without its private part"),
        bad("alg of another type", ecJwk(EC).replace("{", "{\"alg\":\"RS256\","), "not ES256"),
        bad("HMAC", "{\"kty\":\"oct\",\"k\":\"c2VjcmV0c2VjcmV0c2VjcmV0\"}", "neither EC"),
        bad("JWK P-384", ecJwk(p384), "another curve than P-256"),
        bad("halves of two keys", mixed(EC, other), "do not belong together"),
        bad("Ed25519 halves", ED25519_JWK.replace("11qY", "11qZ"), "do not belong together"),
        bad("JWK X25519", ED25519_JWK.replace("Ed25519", "X25519"), "another curve than Ed25519"),
        bad("empty set", "{\"keys\":[]}", "not a list of keys"),
        bad("keys no list", "{\"keys\":{}}", "not a list of keys"),
        bad("key no object", "{\"keys\":[1]}", "no JSON object"),
        bad("JWK list", "[" + ED25519_JWK + "]", "no private key"));
  }

  private static Arguments bad(String name, String content, String expected) {
    return Arguments.of(name, content, expected);
  }

  private SigningKey only(String content) {
    List<SigningKey> keys = TestKeyFiles.keys(content, provider);
    assertThat(keys).hasSize(1);
    return keys.getFirst();
  }

  private static String pem(KeyPair pair) {
    return TestKeyFiles.pem(pair.getPrivate());
  }

  private static String pemText(String text) {
    return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
  }

  private static String ecJwk(KeyPair pair) {
    return ec(pair).privateKey(pair.getPrivate()).build().toJSONString();
  }

  private static String publicJwk(KeyPair pair) {
    return ec(pair).build().toJSONString();
  }

  private static String mixed(KeyPair one, KeyPair other) {
    return ec(one).privateKey(other.getPrivate()).build().toJSONString();
  }

  private static ECKey.Builder ec(KeyPair pair) {
    ECPublicKey publicKey = (ECPublicKey) pair.getPublic();
    return new ECKey.Builder(Curve.forECParameterSpec(publicKey.getParams()), publicKey);
  }

  private static String rsaJwk(KeyPair pair) {
    return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
        .privateKey((RSAPrivateKey) pair.getPrivate())
        .build()
        .toJSONString();
  }
}
