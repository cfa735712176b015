package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class AnswerTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'error':{'code':403,'message':'no role','status':'DENIED'}}|error.message is: no role",
        "[{'errorCode':'INVALID','message':'expired session'}]|0.errorCode is: INVALID",
        "{'errors':['permission denied']}|errors.0 is: permission denied",
        "{'errors':[{'extensions':{'code':'X1'}}]}|errors.0.extensions.code is: X1",
        "{'error_codes':[7000215],'x':1}|error_codes.0 is: 7000215",
        "{'fault':{'faultstring':'bad','detail':{'errorcode':'a.b'}}}|detail.errorcode is: a.b",
        "{'resultCode':17,'userMsg':'nope'}|userMsg is: nope",
        "'Unauthorized'|text is: 'Unauthorized'",
        "{'level':'info'}~{'error':'second'}|error is: second",
        "{'error':'cut','mess|error is: cut",
        "{'a':1,'b':{'c':2}}|Its body is 19 bytes without a known member.",
        "{'a':1,'b':{'key':2}}|Its body is 21 bytes without a known member.",
        "{'a':1,'b|Its body is 9 bytes without a known member.",
        "secret=1|Its body is 8 bytes without a known member.",
        "<E xmlns='u'><Code>Expired</Code></E>|Its body is 37 bytes without a known member.",
        "<html><title>502 Bad Gateway</title>|Its body is 36 bytes without a known member.",
        "error=bad_code&key=no+such%20code|Its body is 33 bytes without a known member.",
        "upstream connect error|text is: upstream connect error",
        "`^^.grpc`|7 bytes without a known member."
      })
  void tells_what_a_service_says_in_its_own_form(String body, String told) {
    String sent = body.replace('\'', '"').replace('~', '\n').replace('^', '\1');

    assertThat(words(400, sent.getBytes(UTF_8)))
        .anyMatch(text -> text.endsWith(told.replace('\'', '"')) || text.endsWith(told));
  }

  static final List<byte[]> CHARSETS =
      Stream.of(UTF_8, UTF_16, UTF_16LE, ISO_8859_1)
          .map("{\"error\":\"gr\u00fcn\"}"::getBytes)
          .toList();

  @ParameterizedTest
  @FieldSource("CHARSETS")
  void finds_the_charset_by_the_bytes(byte[] body) {
    assertThat(words(400, body)).containsExactly("Its error is: gr\u00fcn");
  }

  static Stream<String> tokens() {
    return Stream.of(
        "{\"access_token\":\"opaque\",\"token\":{\"message\":\"opaque\"}}",
        "{\"access_token\":\"opaque",
        "\"opaque\"",
        "[\"opaque\"]",
        "opaque",
        "access_token=opaque&scope=",
        "<Credentials><SessionToken>opaque</SessionToken></Credentials>");
  }

  @ParameterizedTest
  @MethodSource("tokens")
  void shows_no_token_in_a_strange_form(String body) {
    assertThat(words(200, body.getBytes(UTF_8)).toString()).doesNotContain("opaque");
  }

  @Test
  void bounds_what_it_reads() {
    String many = "{\"errors\":[" + "{\"code\":\"a\"},".repeat(500) + "0]}";
    String deep = "{\"a\":".repeat(2000) + "{\"code\":1}" + "}".repeat(2000);
    String long_ = " ".repeat(AnswerMembers.MAX_BYTES) + "{\"error\":\"late\"}";

    assertThat(words(500, many.getBytes(UTF_8))).hasSize(AnswerMembers.MAX_MEMBERS);
    assertThat(words(500, deep.getBytes(UTF_8))).hasSize(1);
    assertThat(words(500, long_.getBytes(UTF_8))).isEmpty();
    assertThat(words(500, ("<!--" + "<a ".repeat(5000)).getBytes(UTF_8))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AADSTS7000222: The provided client secret keys are expired.|renew the broker's secret",
        "secret expired|renew the broker's secret",
        "ExpiredToken|compare the peer's clock",
        "The assertion is not yet valid|compare the peer's clock",
        "a role is missing|role at the peer",
        "tokenreviews is forbidden: User x cannot create|role at the peer"
      })
  void adds_the_remedy_that_the_words_suggest(String message, String remedy) {
    assertThat(words(400, ("{\"error\":\"" + message + "\"}").getBytes(UTF_8)).getLast())
        .startsWith("Remedy by these words: ")
        .contains(remedy);
  }

  @Test
  void tells_the_head_and_no_secret_in_it() {
    Map<String, String> headers =
        Map.of(
            "Content-Type", "text/s3cr3t-of-it",
            "Content-Encoding", "gzip",
            "Location", "https://login.example/s3cr3t-of-it?code=1",
            "Retry-After", "86400",
            "WWW-Authenticate", "Bearer error=\"invalid_token\", error_description=\"gone\"");
    AnswerText text = TestAnswers.text(401, headers, new byte[0], "client_secret=s3cr3t-of-it");

    assertThat(AnswerText.notes("The token endpoint", text))
        .containsExactly(
            "The token endpoint https://peer.example/token answered status 401 with content type"
                + " text/(sent by the broker), gzip and Location"
                + " https://login.example/(sent by the broker) and Retry-After 86400 s.",
            "Its WWW-Authenticate is: Bearer error=\"invalid_token\", error_description=\"gone\"");
    assertThat(text.toString()).doesNotContain("s3cr3t");
  }

  @Test
  void takes_a_web_page_for_one_of_a_proxy_whatever_its_words() {
    AnswerText page =
        TestAnswers.text(
            403,
            Map.of("Content-Type", "text/html"),
            "<title>403 Forbidden</title>".getBytes(UTF_8));

    assertThat(AnswerText.notes("It", page).getLast()).contains("login page, proxy or firewall");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://idp.example/cb/gho_16C7e42F292c6912E7710c838347Ae178B4a"
            + "|https://idp.example/cb(41 characters)",
        "https://idp.example/6babcaad-604b-40ac-a9d7-9fd97c0b779f/oauth2/v2.0/token"
            + "|https://idp.example/6babcaad-604b-40ac-a9d7-9fd97c0b779f/oauth2/v2.0/token",
        "a1b2c3d4e5f6a7b8%2Ba1b2c3d4e5f6a7b8|(35 characters)",
        "application/x-www-form-urlencoded|application/x-www-form-urlencoded",
        "ERROR_ACCOUNT_NOT_FOUND_IN_DIRECTORY|ERROR_ACCOUNT_NOT_FOUND_IN_DIRECTORY",
        "oeQ6XphCmh3rS6eJkzXS2p3kyBpbVQfI|(32 characters)"
      })
  void masks_long_runs_but_addresses_and_words(String said, String told) {
    assertThat(words(400, ("{\"error\":\"see " + said + "\"}").getBytes(UTF_8)).getFirst())
        .isEqualTo("Its error is: see " + told);
  }

  private static List<String> words(int status, byte[] body) {
    List<String> notes = AnswerText.notes("It", TestAnswers.text(status, Map.of(), body));
    return notes.subList(1, notes.size());
  }
}
