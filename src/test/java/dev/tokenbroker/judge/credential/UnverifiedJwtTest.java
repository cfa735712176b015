package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnverifiedJwtTest {

  private static final int MAX_SIZE_BYTES = 32 * 1024;
  private static final String HEADER = "{\"alg\":\"ES256\",\"kid\":\"k1\"}";
  private static final String CLAIMS =
      "\"iss\":\"https://issuer.example\",\"sub\":\"s\",\"aud\":\"a\",\"exp\":1795521600";
  private static final String PAYLOAD = "{" + CLAIMS + "}";
  private static final String SIGNATURE = "c2lnbmF0dXJl";

  @Test
  void reads_a_well_formed_jwt() {
    String compact =
        jwt(
            "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\",\"jku\":\"https://evil.example\"}",
            "{"
                + CLAIMS
                + ",\"iat\":1795520000.25,\"n\":-9223372036854775808,\"d\":1.5,\"t\":true,"
                + "\"none\":null,\"list\":[1,\"two\",{\"three\":3}]}");

    UnverifiedJwt jwt = accepted(compact);

    assertThat(jwt.header()).isEqualTo(new JoseHeader("ES256", "jwt", "k1", List.of("jku")));
    assertThat(jwt.registered())
        .isEqualTo(
            new RegisteredClaims(
                "https://issuer.example",
                "s",
                List.of("a"),
                Instant.ofEpochSecond(1795521600),
                null,
                Instant.ofEpochMilli(1795520000250L)));
    assertThat(jwt.claims())
        .containsEntry("n", Long.MIN_VALUE)
        .containsEntry("d", 1.5)
        .containsEntry("t", true)
        .containsEntry("list", List.of(1L, "two", Map.of("three", 3L)))
        .doesNotContainKey("none");
    assertThat(new String(jwt.signingInput(), StandardCharsets.US_ASCII))
        .isEqualTo(compact.substring(0, compact.lastIndexOf('.')));
    assertThat(jwt.signature()).asString(StandardCharsets.US_ASCII).isEqualTo("signature");
  }

  @Test
  void keeps_claims_that_nobody_can_change() {
    Map<String, Object> claims =
        accepted(jwt(HEADER, "{" + CLAIMS + ",\"list\":[{\"a\":1}]}")).claims();

    assertThatThrownBy(() -> claims.put("sub", "other"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(claims.get("list"))
        .isInstanceOfSatisfying(
            List.class,
            list -> {
              assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
              assertThatThrownBy(() -> ((Map<?, ?>) list.getFirst()).clear())
                  .isInstanceOf(UnsupportedOperationException.class);
            });
  }

  @Test
  void reads_up_to_the_size_limit_and_no_further() {
    String compact = jwt(HEADER, PAYLOAD);

    assertThat(UnverifiedJwt.parse(compact, compact.length())).isInstanceOf(Outcome.Accepted.class);
    assertThat(UnverifiedJwt.parse(compact, compact.length() - 1))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused ->
                assertThat(refused.refusal().reason())
                    .isEqualTo(RefusalReason.CREDENTIAL_TOO_LARGE));
  }

  static Stream<Arguments> malformed_compact_forms() {
    String good = jwt(HEADER, PAYLOAD);
    String header = TestCredential.encode(HEADER);
    String payload = TestCredential.encode(PAYLOAD);
    return Stream.of(
        Arguments.of("nothing", ""),
        Arguments.of("one part", header),
        Arguments.of("two parts", header + "." + payload),
        Arguments.of("four parts", good + "." + SIGNATURE),
        Arguments.of("six parts", good + ".a.b.c"),
        Arguments.of("dots only", ".."),
        Arguments.of("empty header", "." + payload + "." + SIGNATURE),
        Arguments.of("empty payload", header + ".." + SIGNATURE),
        Arguments.of("empty signature", header + "." + payload + "."),
        Arguments.of("padded signature", good + "=="),
        Arguments.of("line break at the end", good + "\n"),
        Arguments.of("space inside", good.substring(0, 8) + " " + good.substring(8)),
        Arguments.of("scheme before it", "Bearer " + good),
        Arguments.of("quotes around it", "\"" + good + "\""),
        Arguments.of("the other base64 alphabet", header + "." + payload + ".ab+/"),
        Arguments.of("a length that base64 cannot have", header + "." + payload + ".abcde"),
        Arguments.of("bits beyond the last of one byte", header + "." + payload + ".AB"),
        Arguments.of("bits beyond the last of two bytes", header + "." + payload + ".AAB"),
        Arguments.of("a letter that is not ASCII", header + "." + payload + ".ab\u0107d"),
        Arguments.of("a surrogate pair", header + "." + payload + ".\uD83D\uDE00ab"),
        Arguments.of("NUL", header + "." + payload + ".abc\0"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed_compact_forms")
  void refuses_what_is_not_three_parts_of_base64url(String name, String compact) {
    assertThat(refused(compact).reason()).as(name).isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
  }

  static Stream<Arguments> malformed_json() {
    return Stream.of(
            "",
            "null",
            "[]",
            "\"text\"",
            "1",
            "{",
            "}",
            "{}{}",
            "{} x",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{'a':1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":NaN}",
            "{\"a\":.5}",
            "{\"a\":1.}",
            "{\"a\":tru}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\\ud800\"}",
            "{\"\\ud800\":1}",
            "{\"a\":1}//comment",
            "\uFEFF{\"a\":1}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":null,\"a\":1}",
            "{\"a\":1,\"a\":null}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"a\":{\"b\":1,\"b\":1}}",
            "{\"a\":[{\"b\":1,\"b\":1}]}")
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("malformed_json")
  void refuses_what_is_not_one_strict_object(String json) {
    String payload = json.startsWith("{\"") ? "{" + CLAIMS + "," + json.substring(1) : json;

    assertThat(refused(jwt(HEADER, payload)).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
    assertThat(refused(jwt(json, PAYLOAD)).reason()).isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
  }

  /** What a limit bounds, and how a member looks that has so much of it. */
  record Limit(String what, int most, IntFunction<String> member) {

    @Override
    public String toString() {
      return most + " " + what;
    }
  }

  static List<Limit> limits() {
    return List.of(
        new Limit("levels", 16, many -> "\"a\":" + "[".repeat(many - 1) + "]".repeat(many - 1)),
        new Limit("values", 1024, many -> "\"a\":[1" + ",1".repeat(many - 6) + "]"),
        new Limit("characters of a name", 256, many -> "\"" + "n".repeat(many) + "\":1"),
        new Limit("characters of a string", 16_384, many -> "\"a\":\"" + "s".repeat(many) + "\""),
        new Limit("characters of a number", 64, many -> "\"a\":0." + "9".repeat(many)));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void reads_so_much_and_says_of_more_that_it_is_too_large(Limit limit) {
    String most = "{" + CLAIMS + "," + limit.member().apply(limit.most()) + "}";
    String more = "{" + CLAIMS + "," + limit.member().apply(limit.most() + 1) + "}";

    accepted(jwt(HEADER, most));
    assertThat(refused(jwt(HEADER, more)))
        .isEqualTo(tooLarge("at most " + limit + " in the payload", "more"));
    assertThat(refused(jwt(more, PAYLOAD)))
        .isEqualTo(tooLarge("at most " + limit + " in the header", "more"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "18446744073709551615",
        "9223372036854775808",
        "-9223372036854775809",
        "1e400",
        "-1e400"
      })
  void does_not_support_numbers_beyond_64_bits(String number) {
    Refusal refusal = refused(jwt(HEADER, "{" + CLAIMS + ",\"a\":" + number + "}"));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.CREDENTIAL_NOT_SUPPORTED);
    assertThat(refusal.expected()).isEqualTo("numbers of 64 bits in the payload");
  }

  @Test
  void tells_unsupported_integers_from_those_that_are_too_long() {
    assertThat(refused(jwt(HEADER, "{" + CLAIMS + ",\"a\":" + "9".repeat(64) + "}")).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_NOT_SUPPORTED);
    assertThat(refused(jwt(HEADER, "{" + CLAIMS + ",\"a\":" + "9".repeat(65) + "}")).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_TOO_LARGE);
  }

  @Test
  void reads_names_and_texts_that_are_as_long_as_they_may_be() {
    String name = "n".repeat(256);
    String text = "s".repeat(16_384);

    assertThat(accepted(jwt(HEADER, "{" + CLAIMS + ",\"" + name + "\":\"" + text + "\"}")).claims())
        .containsEntry(name, text);
  }

  static Stream<byte[]> bytes_that_are_not_utf8() {
    return Stream.of(
        bytes(0xFF),
        bytes(0x80),
        bytes(0xC3),
        bytes(0xC0, 0x80), // NUL, overlong
        bytes(0xE0, 0x80, 0xAF), // a slash, overlong
        bytes(0xED, 0xA0, 0x80), // half a surrogate pair
        bytes(0xF4, 0x90, 0x80, 0x80)); // beyond Unicode
  }

  @ParameterizedTest
  @MethodSource("bytes_that_are_not_utf8")
  void refuses_bytes_that_are_not_utf8(byte[] wrong) {
    byte[] before = ("{" + CLAIMS + ",\"x\":\"").getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[before.length + wrong.length + 2];
    System.arraycopy(before, 0, payload, 0, before.length);
    System.arraycopy(wrong, 0, payload, before.length, wrong.length);
    payload[payload.length - 2] = '"';
    payload[payload.length - 1] = '}';

    assertThat(refused(jwt(HEADER, payload)).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE"})
  void does_not_guess_another_encoding(String encoding) {
    assertThat(refused(jwt(HEADER, PAYLOAD.getBytes(Charset.forName(encoding)))).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
  }

  @Test
  void reads_a_replacement_character_that_was_meant() {
    assertThat(accepted(jwt(HEADER, "{" + CLAIMS + ",\"x\":\"\uFFFD \uD83D\uDE00\"}")).claims())
        .containsEntry("x", "\uFFFD \uD83D\uDE00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"alg\":null}",
        "{\"alg\":1}",
        "{\"alg\":[\"ES256\"]}",
        "{\"alg\":\"ES256\",\"kid\":1}",
        "{\"alg\":\"ES256\",\"kid\":null}",
        "{\"alg\":\"ES256\",\"crit\":null}",
        "{\"alg\":\"ES256\",\"typ\":1}",
        "{\"alg\":\"ES256\",\"cty\":{}}",
        "{\"alg\":\"ES256\",\"alg\":\"ES256\"}"
      })
  void refuses_a_header_of_the_wrong_types(String header) {
    assertThat(refused(jwt(header, PAYLOAD)).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
  }

  @Test
  void reads_a_kid_of_256_characters_and_no_longer_one() {
    String header = "{\"alg\":\"ES256\",\"kid\":\"%s\"}";

    assertThat(accepted(jwt(header.formatted("k".repeat(256)), PAYLOAD)).header().keyId())
        .hasSize(256);
    assertThat(refused(jwt(header.formatted("k".repeat(257)), PAYLOAD)))
        .isEqualTo(tooLarge("in the header a kid of at most 256 characters", "257 characters"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"crit\":[\"exp\"]",
        "\"crit\":[]",
        "\"b64\":false",
        "\"b64\":true",
        "\"zip\":\"DEF\"",
        "\"enc\":\"A256GCM\"",
        "\"cty\":\"JWT\"",
        "\"cty\":\"jwt\"",
        "\"cty\":\"application/jwt\"",
        "\"typ\":\"logout+jwt\"",
        "\"typ\":\"dpop+jwt\"",
        "\"typ\":\"JWE\"",
        "\"typ\":\"\""
      })
  void refuses_a_header_that_asks_for_more(String member) {
    assertThat(refused(jwt("{\"alg\":\"ES256\"," + member + "}", PAYLOAD)).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_NOT_SUPPORTED);
  }

  @ParameterizedTest
  @CsvSource({
    "\"typ\":\"oauth-id-jag+jwt\", with typ JWT or at+jwt",
    "\"typ\":\"secevent+jwt\", or without typ",
    "\"cty\":\"JWT\", not nested"
  })
  void says_what_to_do_about_a_typ_or_a_cty_that_it_does_not_accept(String member, String remedy) {
    assertThat(refused(jwt("{\"alg\":\"ES256\"," + member + "}", PAYLOAD)).reason().remedy())
        .contains(remedy);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt", "JOSE"})
  void reads_the_types_of_plain_and_access_token_jwts(String type) {
    accepted(jwt("{\"alg\":\"ES256\",\"typ\":\"" + type + "\"}", PAYLOAD));
  }

  @Test
  void refuses_an_encrypted_jwt_as_not_supported() {
    String header = TestCredential.encode("{\"alg\":\"dir\",\"enc\":\"A128GCM\"}");

    assertThat(refused(header + ".b.c.d.e").reason())
        .isEqualTo(RefusalReason.CREDENTIAL_NOT_SUPPORTED);
    assertThat(refused(header + "..c.d.e").reason())
        .isEqualTo(RefusalReason.CREDENTIAL_NOT_SUPPORTED);
    assertThat(refused("a.b.c.d.e").reason()).isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
  }

  @Test
  void names_every_claim_that_is_missing() {
    assertThat(refused(jwt(HEADER, "{\"iss\":\"i\",\"aud\":\"a\",\"exp\":null}")))
        .isEqualTo(
            Refusal.of(RefusalReason.CLAIM_MISSING)
                .expected("the claims iss, sub, aud, exp")
                .seen("no sub, no exp"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"iss\":\"\"",
        "\"iss\":1",
        "\"iss\":[\"i\"]",
        "\"sub\":\"\"",
        "\"sub\":42",
        "\"sub\":{}",
        "\"aud\":[]",
        "\"aud\":[null]",
        "\"aud\":[\"a\",1]",
        "\"aud\":[[\"a\"]]",
        "\"aud\":true",
        "\"aud\":{\"a\":1}",
        "\"exp\":\"1795521600\"",
        "\"exp\":-1",
        "\"exp\":-0.5",
        "\"exp\":253402300800",
        "\"exp\":1e12",
        "\"exp\":1795521600000",
        "\"exp\":true",
        "\"exp\":[1]",
        "\"nbf\":\"now\"",
        "\"nbf\":-1",
        "\"iat\":false",
        "\"iat\":1e300"
      })
  void refuses_a_claim_of_the_wrong_type(String claim) {
    String name = claim.substring(0, claim.indexOf(':'));
    String others =
        Stream.of("\"iss\":\"i\"", "\"sub\":\"s\"", "\"aud\":\"a\"", "\"exp\":1795521600")
            .filter(other -> !other.startsWith(name))
            .collect(Collectors.joining(","));

    Refusal refusal = refused(jwt(HEADER, "{" + others + "," + claim + "}"));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
    assertThat(refusal.expected()).contains("claim " + name.replace("\"", ""));
  }

  @Test
  void tells_the_issuer_to_write_a_mistyped_claim_in_another_form() {
    assertThat(
            refused(
                    jwt(
                        HEADER,
                        "{\"iss\":\"i\",\"sub\":\"s\",\"aud\":\"a\",\"exp\":\"1795521600\"}"))
                .hints())
        .containsExactly(
            "It is a JWT, but its issuer must write the claim exp in the form expected; sending it"
                + " again does not help.");
  }

  @Test
  void reads_64_audiences_and_no_more() {
    assertThat(accepted(withAudiences(64)).registered().audiences()).hasSize(64);
    assertThat(refused(withAudiences(65)))
        .isEqualTo(tooLarge("as the claim aud at most 64 strings", "65 values"));
  }

  @Test
  void tells_milliseconds_from_seconds() {
    assertThat(
            refused(
                    jwt(
                        HEADER,
                        "{\"iss\":\"i\",\"sub\":\"s\",\"aud\":\"a\",\"exp\":1795521600000}"))
                .hints())
        .containsExactly("It looks like milliseconds; RFC 7519 section 2 wants seconds.");
  }

  @Test
  void hints_at_what_happened_to_the_token_on_its_way() {
    String good = jwt(HEADER, PAYLOAD);

    assertThat(refused("Bearer " + good).hints()).first().asString().contains("without the scheme");
    assertThat(refused(good + "\n").hints()).first().asString().contains("line break");
    assertThat(refused("'" + good + "'").hints()).first().asString().contains("quotes");
    assertThat(refused("{\"access_token\":\"" + good + "\"}").hints())
        .first()
        .asString()
        .contains("the token alone");
    assertThat(refused(good + "==").hints()).first().asString().contains("without padding");
    assertThat(refused(good.substring(0, good.lastIndexOf('.') + 1)).hints())
        .first()
        .asString()
        .contains("never accepted");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"exp\":\"1795521600\"|the string \"1795521600\"",
        "\"exp\":-1|the number -1",
        "\"exp\":true|the boolean true",
        "\"exp\":[1]|a list of one value: a number",
        "\"exp\":1,\"nbf\":\"soon\"|the string \"soon\"",
        "\"exp\":1,\"sub\":7|a number",
        "\"exp\":1,\"sub\":\"\"|an empty string",
        "\"exp\":1,\"aud\":[\"a\",7]|a list of 2 values, with a number among them",
        "\"exp\":1,\"aud\":{}|an object"
      })
  void tells_what_type_a_claim_has_instead(String members, String seen) {
    String others =
        Stream.of("\"iss\":\"i\"", "\"sub\":\"s\"", "\"aud\":\"a\"")
            .filter(member -> !members.contains(member.substring(0, 6)))
            .collect(Collectors.joining(","));

    assertThat(refused(jwt(HEADER, "{" + others + "," + members + "}")).seen()).isEqualTo(seen);
  }

  private static Refusal tooLarge(String expected, String seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_TOO_LARGE).expected(expected).seen(seen);
  }

  private static String withAudiences(int count) {
    String list =
        IntStream.range(0, count).mapToObj(i -> "\"a" + i + "\"").collect(Collectors.joining(","));
    return jwt(HEADER, "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":1795521600,\"aud\":[" + list + "]}");
  }

  private static String jwt(String header, String payload) {
    return jwt(header, payload.getBytes(StandardCharsets.UTF_8));
  }

  private static String jwt(String header, byte[] payload) {
    return TestCredential.encode(header) + "." + TestCredential.encode(payload) + "." + SIGNATURE;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int at = 0; at < values.length; at++) {
      bytes[at] = (byte) values[at];
    }
    return bytes;
  }

  private static UnverifiedJwt accepted(String compact) {
    return switch (UnverifiedJwt.parse(compact, MAX_SIZE_BYTES)) {
      case Outcome.Accepted<UnverifiedJwt>(UnverifiedJwt jwt) -> jwt;
      case Outcome.Refused<UnverifiedJwt>(Refusal refusal) ->
          throw new AssertionError(refusal.toString());
    };
  }

  private static Refusal refused(String compact) {
    return switch (UnverifiedJwt.parse(compact, MAX_SIZE_BYTES)) {
      case Outcome.Accepted<UnverifiedJwt> accepted -> throw new AssertionError("was accepted");
      case Outcome.Refused<UnverifiedJwt>(Refusal refusal) -> refusal;
    };
  }
}
