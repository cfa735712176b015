package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialDigestTest {

  /** The first is the test vector of FIPS 180-2 appendix B.1. */
  @ParameterizedTest
  @CsvSource({"abc, ba7816bf8f01cfea", "\u00e9, 4a99557e4033c353"})
  void is_the_beginning_of_the_sha_256_of_the_characters_in_utf_8(
      String credential, String digest) {
    assertThat(CredentialDigest.prefix(credential)).isEqualTo(digest);
  }

  @Test
  void is_empty_where_no_credential_was_sent() {
    assertThat(CredentialDigest.prefix("")).isEmpty();
  }
}
