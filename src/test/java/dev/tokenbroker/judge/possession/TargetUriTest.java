package dev.tokenbroker.judge.possession;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 3986 sections 5.2.4, 6.2.2, 6.2.3. */
class TargetUriTest {

  @ParameterizedTest
  @CsvSource({
    "https://a.example, https://a.example/",
    "https://a.example/, https://a.example/",
    "HtTpS://A.eXample/Path, https://a.example/Path",
    "http://a.example:80/x, http://a.example/x",
    "http://a.example:443/x, http://a.example:443/x",
    "https://a.example:0443/x, https://a.example/x",
    "https://[2001:DB8::1]:8443/x, https://[2001:db8::1]:8443/x",
    "https://a.example/a/./b/../c, https://a.example/a/c",
    "https://a.example/../../c, https://a.example/c",
    "https://a.example/a/.., https://a.example/",
    "https://a.example/a/., https://a.example/a/",
    "https://a.example/a//b, https://a.example/a//b",
    "https://a.example/%7euser, https://a.example/~user",
    "https://a.example/a%2fb, https://a.example/a%2Fb",
    "https://a.example/a?b#c, https://a.example/a",
    "https://a.example?b, https://a.example/",
  })
  void has_one_form(String uri, String normal) {
    assertThat(TargetUri.normal(uri)).contains(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a.example/x",
        "ftp://a.example/x",
        "https:///x",
        "https://user@a.example/x",
        "https://a.example:99999999/x",
        "https://a.example/a b",
        "https://a.example/%zz",
        "https://a.example/%4",
        "https://a.example/ä",
        "https://a%2eexample/",
        "https://a.example\\x",
      })
  void has_no_form_where_it_is_no_such_uri(String uri) {
    assertThat(TargetUri.normal(uri)).isEmpty();
  }

  @Test
  void has_no_form_beyond_2048_characters() {
    assertThat(TargetUri.normal("https://a.example/" + "x".repeat(2048))).isEmpty();
  }
}
