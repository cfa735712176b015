package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialDigestTest {

  /** The first is the test vector of FIPS 180-2 appendix B.1. */
  @ParameterizedTest
  @CsvSource({"abc, ba7816bf8f01cfea", "\u00e9, 4a99557e4033c353"})
  void begins_with_the_sha_256_of_the_characters_in_utf_8(String credential, String digest) {
    assertThat(CredentialDigest.of(credential).prefix()).isEqualTo(digest);
  }

  @Test
  void keeps_the_zeros_that_a_digest_begins_with() {
    // The first number whose digest begins with a zero byte.
    assertThat(CredentialDigest.of("286").prefix()).hasSize(16).startsWith("00");
  }

  @Test
  void is_none_where_no_credential_was_sent() {
    assertThat(CredentialDigest.of("")).isSameAs(CredentialDigest.NONE);
    assertThat(CredentialDigest.NONE.prefix()).isEmpty();
  }

  @Test
  void tells_credentials_apart_and_knows_them_again() {
    Set<CredentialDigest> seen = new HashSet<>();
    for (int at = 0; at < 1_000; at++) {
      assertThat(seen.add(CredentialDigest.of("credential " + at))).isTrue();
      assertThat(seen.add(CredentialDigest.of("credential " + at))).isFalse();
    }
  }

  @Test
  void says_nothing_of_the_credential() {
    assertThat(CredentialDigest.of("eyJhbGciOiJFUzI1NiJ9.secret")).hasToString("831494177ee0c15b");
  }
}
