package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {

  /** RFC 3986 section 5.4. */
  private static final URI BASE = URI.create("http://a/b/c/d;p?q");

  /**
   * The examples of section 5.4.1, those left out that leave the origin; fragments are not sent.
   */
  @ParameterizedTest
  @CsvSource({
    "g, http://a/b/c/g",
    "./g, http://a/b/c/g",
    "g/, http://a/b/c/g/",
    "/g, http://a/g",
    "?y, http://a/b/c/d;p?y",
    "g?y, http://a/b/c/g?y",
    "'#s', http://a/b/c/d;p?q",
    "'g#s', http://a/b/c/g",
    "'g?y#s', http://a/b/c/g?y",
    ";x, http://a/b/c/;x",
    "g;x, http://a/b/c/g;x",
    "'g;x?y#s', http://a/b/c/g;x?y",
    "'', http://a/b/c/d;p?q",
    "., http://a/b/c/",
    "./, http://a/b/c/",
    ".., http://a/b/",
    "../, http://a/b/",
    "../g, http://a/b/g",
    "../.., http://a/",
    "../../, http://a/",
    "../../g, http://a/g"
  })
  void resolves_the_normal_examples(String location, URI target) {
    assertThat(Redirect.of(BASE, location)).isEqualTo(new Redirect.WithinOrigin(target));
  }

  /** The examples of section 5.4.2. */
  @ParameterizedTest
  @CsvSource({
    "../../../g, http://a/g",
    "../../../../g, http://a/g",
    "/./g, http://a/g",
    "/../g, http://a/g",
    "g., http://a/b/c/g.",
    ".g, http://a/b/c/.g",
    "g.., http://a/b/c/g..",
    "..g, http://a/b/c/..g",
    "./../g, http://a/b/g",
    "./g/., http://a/b/c/g/",
    "g/./h, http://a/b/c/g/h",
    "g/../h, http://a/b/c/h",
    "g;x=1/./y, http://a/b/c/g;x=1/y",
    "g;x=1/../y, http://a/b/c/y",
    "g?y/./x, http://a/b/c/g?y/./x",
    "g?y/../x, http://a/b/c/g?y/../x",
    "'g#s/./x', http://a/b/c/g",
    "'g#s/../x', http://a/b/c/g"
  })
  void resolves_the_abnormal_examples(String location, URI target) {
    assertThat(Redirect.of(BASE, location)).isEqualTo(new Redirect.WithinOrigin(target));
  }

  @ParameterizedTest
  @CsvSource({
    "https://h, keys?v=2, https://h/keys?v=2",
    "https://h, ?v=2, https://h/?v=2",
    "https://h/a/, b/%2e%2E//c?d=%2F, https://h/a/b/%2e%2E//c?d=%2F",
    "https://h/a, https://h, https://h/",
    "https://h/a, //H:443/b/../c, https://H:443/c",
    "https://[::1]:8443/a, b, https://[::1]:8443/b"
  })
  void keeps_to_what_stands_there(URI from, String location, URI target) {
    assertThat(Redirect.of(from, location)).isEqualTo(new Redirect.WithinOrigin(target));
  }

  @ParameterizedTest
  @CsvSource({
    "g:h, no host",
    "//g, http://g",
    "http:g, no host",
    "https://a/g, https://a/g",
    "http://a:81/g, http://a:81/g",
    "http:/g, no host",
    "https://user:pass@b/g?state=1#f, https://b/g",
  })
  void refuses_to_leave_the_origin_and_says_where_it_was_sent(String location, String to) {
    assertThat(Redirect.of(BASE, location))
        .isEqualTo(refused("redirected to another origin: " + to));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a b", "/a|b", ":", "/%zz", "//", "http://["})
  void says_of_what_is_no_address_that_it_is_none(String location) {
    assertThat(Redirect.of(BASE, location)).isEqualTo(refused("redirected to what is no address"));
  }

  private static Redirect refused(String detail) {
    return new CallFailed(FetchFailure.REDIRECTED, detail);
  }
}
