package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("drawn")
class KeySetDocumentTest {

  /** {@code -Dfuzz.mutations=…} tries more. */
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final String GOOD = ScriptedIssuer.keySet("a", "b");

  @Test
  void reads_the_keys_in_their_order() {
    assertThat(accepted(parse(GOOD))).extracting(VerificationKey::kid).containsExactly("a", "b");
  }

  @Test
  void leaves_out_keys_that_cannot_be_used() {
    String mixed =
        GOOD.replace(
            "[{",
            """
            [7, null, [], "key", {}, {"kty":"oct","k":"c2VjcmV0"}, {"kty":"RSA","n":"AQ","e":"AQAB"}, {\
            """);

    assertThat(accepted(parse(mixed))).hasSize(2);
  }

  static List<Arguments> unusable() {
    TestKey rsa = TestKey.generate("weak", SigningAlgorithm.RS256);
    TestKey ec = TestKey.generate("weak", SigningAlgorithm.ES256);
    TestKey ed = TestKey.generate("weak", SigningAlgorithm.EDDSA);
    String modulus = (String) rsa.jwk().get("n");
    return List.of(
        Arguments.of(
            with(rsa, "n", "_".repeat(170) + "w"),
            "RSA of 1024 bits, where 2048 to 16384 are allowed"),
        Arguments.of(
            with(rsa, "n", modulus + "="), "its n has padding, which base64url is without"),
        Arguments.of(
            with(ec, "x", "A".repeat(42)),
            "coordinates of 31 and 32 bytes, where P-256 has 32 (padding is part of them)"),
        Arguments.of(with(ed, "alg", "Ed448"), "its alg Ed448 is none for keys of kty OKP"),
        Arguments.of(with(rsa, "use", "enc"), "its use is enc"),
        Arguments.of(with(ec, "y", "A".repeat(43)), "its point is not on the curve P-256"),
        Arguments.of(
            with(Map.of("kty", "RSA", "kid", "weak"), "x5c", List.of("MIIB")),
            "it has no n, and x5c is not read"),
        Arguments.of(with(rsa, "key_ops", List.of("encrypt")), "its key_ops lacks verify"),
        Arguments.of(with(ec, "crv", "secp256k1"), "its crv is secp256k1"),
        Arguments.of(with(Map.of("kty", "oct", "kid", "weak"), "k", "c2VjcmV0"), "its kty is oct"),
        Arguments.of(with(ec, "d", "c2VjcmV0"), "it has the member d of a private key"),
        Arguments.of(with(rsa, "dp", "c2VjcmV0"), "it has the member dp of a private key"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("unusable")
  void keeps_why_a_key_of_that_name_cannot_be_used(Map<String, Object> jwk, String cause) {
    KeySetDocument read = accepted(document(besideGood(jwk)));

    assertThat(read.keys()).extracting(VerificationKey::kid).containsExactly("a", "b");
    assertThat(read.unusable()).isEqualTo(Map.of("weak", cause));
  }

  @Test
  void says_why_none_of_the_keys_can_be_used() {
    String keySet =
        JSONObjectUtils.toJSONString(
            Map.of("keys", unusable().stream().map(flaw -> flaw.get()[0]).limit(3).toList()));

    assertThat(refused(parse(keySet)).seen())
        .startsWith(
            "no usable key among 3: kid weak: RSA of 1024 bits, where 2048 to 16384 are allowed;"
                + " kid weak: its n");
  }

  @Test
  void keeps_no_name_that_no_credential_can_have() {
    TestKey key = TestKey.generate("weak", SigningAlgorithm.EDDSA);

    for (Object kid : List.of(7, List.of("weak"), "k".repeat(257))) {
      Map<String, Object> jwk = new HashMap<>(with(key, "kid", kid));
      jwk.put("alg", "Ed448");

      assertThat(accepted(document(besideGood(jwk))).unusable()).isEmpty();
    }
  }

  @Test
  void ignores_unknown_members_and_a_byte_order_mark() {
    assertThat(accepted(parse(GOOD.replace("{\"keys\"", "{\"x\":{\"y\":[1.5,true]},\"keys\""))))
        .hasSize(2);
    assertThat(accepted(parse("\uFEFF" + GOOD))).hasSize(2);
  }

  @Test
  void reads_the_keys_for_jwt_svids_out_of_a_spiffe_bundle() {
    String bundle =
        """
        {"spiffe_sequence":7,"spiffe_refresh_hint":300,"keys":[%s,%s]}\
        """
            .formatted(spiffeKey("x509-svid", "a"), spiffeKey("jwt-svid", "b"));

    assertThat(accepted(parse(bundle))).extracting(VerificationKey::kid).containsExactly("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|an empty body",
        "`  `|an empty body",
        "<!doctype html>|a web page or XML",
        "`  <html>`|a web page or XML",
        "[]|a JSON value that is not an object",
        "null|a JSON value that is not an object",
        "\"keys\"|a JSON value that is not an object",
        "{}|a JSON object without an array keys",
        "{\"keys\":null}|a JSON object without an array keys",
        "{\"keys\":{}}|a JSON object without an array keys",
        "{\"Keys\":[]}|a JSON object without an array keys",
        "{\"keys\":[]}|no usable key among 0",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}|no usable key among 1: its kty is oct",
        "{\"keys\":[]} {}|text after the JSON object at line 1, column 13",
        "{\"keys\":[],\"keys\":[]}|invalid JSON: a duplicate member at line 1, column 12",
        "{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"EC\"}]}|invalid JSON: a duplicate member at line 1,"
            + " column 23",
        "{\"keys\":[|invalid JSON: a syntax error at line 1, column 10",
        "{'keys':[]}|invalid JSON: a syntax error at line 1, column 2",
        "{\"keys\":[],}|invalid JSON: a syntax error at line 1, column 12",
        "`{\"keys\":[\n NaN]}`|invalid JSON: a syntax error at line 2, column 5",
        "internal error|invalid JSON: a syntax error at line 1, column 1"
      })
  void says_what_it_got_instead_of_a_key_set(String body, String seen) {
    Refusal refusal = refused(parse(body), RefusalReason.KEYS_INVALID);
    assertThat(refusal.seen()).isEqualTo(seen);
  }

  @Test
  void reads_at_most_a_hundred_keys() {
    String key = GOOD.substring(GOOD.indexOf('{', 1), GOOD.indexOf('}') + 1);

    assertThat(accepted(parse(keys(key, KeySetDocument.MAX_KEYS)))).hasSize(100);
    assertThat(refused(parse(keys(key, KeySetDocument.MAX_KEYS + 1))).seen())
        .isEqualTo("101 keys, which is more than 100");
  }

  @Test
  void reads_at_most_256_kib() {
    int padding = PeerJson.MAX_BYTES - GOOD.length();

    assertThat(accepted(parse(GOOD + " ".repeat(padding)))).hasSize(2);
    assertThat(refused(parse(GOOD + " ".repeat(padding + 1))).seen())
        .isEqualTo("more than 262144 bytes");
  }

  @Test
  void reads_no_deep_nesting_no_endless_text_and_no_endless_number() {
    String tooMuch = "JSON that is nested too deeply or holds too long a value";
    int depth = PeerJson.MAX_DEPTH;

    assertThat(refused(parse("{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}")).seen())
        .isEqualTo(tooMuch);
    assertThat(
            refused(parse("{\"x\":\"" + "a".repeat(PeerJson.MAX_STRING_CHARS + 1) + "\"}")).seen())
        .isEqualTo(tooMuch);
    assertThat(refused(parse("{\"x\":" + "1".repeat(1000) + "}")).seen()).isEqualTo(tooMuch);
  }

  @Test
  void reads_utf_8_only() {
    assertThat(refused(KeySetDocument.parse("{\"ü\":1}".getBytes(ISO_8859_1))).seen())
        .isEqualTo("text that is not UTF-8");
    refused(KeySetDocument.parse(GOOD.getBytes(UTF_16)), RefusalReason.KEYS_INVALID);
  }

  @Test
  void never_throws_whatever_the_bytes_are() {
    long seed = 20261124;
    Random random = new Random(seed);
    byte[] good = GOOD.getBytes(UTF_8);
    for (int round = 0; round < MUTATIONS; round++) {
      byte[] bad = good.clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      assertThat(KeySetDocument.parse(bad)).as("seed %d, round %d", seed, round).isNotNull();
    }
  }

  private static Map<String, Object> with(TestKey key, String member, Object value) {
    return with(key.jwk(), member, value);
  }

  private static Map<String, Object> with(Map<String, Object> key, String member, Object value) {
    Map<String, Object> jwk = new HashMap<>(key);
    jwk.put(member, value);
    return jwk;
  }

  private static String besideGood(Map<String, Object> jwk) {
    return GOOD.replace("[{", "[" + JSONObjectUtils.toJSONString(jwk) + ",{");
  }

  private static String keys(String key, int count) {
    return "{\"keys\":[" + String.join(",", Collections.nCopies(count, key)) + "]}";
  }

  private static String spiffeKey(String use, String kid) {
    return JSONObjectUtils.toJSONString(
        with(TestKey.generate(kid, SigningAlgorithm.ES256), "use", use));
  }

  private static Outcome<List<VerificationKey>> parse(String json) {
    return document(json).map(KeySetDocument::keys);
  }

  private static Outcome<KeySetDocument> document(String json) {
    return KeySetDocument.parse(json.getBytes(UTF_8));
  }
}
