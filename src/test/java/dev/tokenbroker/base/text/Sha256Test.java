package dev.tokenbroker.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;

/** By the test vector of FIPS 180-2 appendix B.1. */
class Sha256Test {

  private static final byte[] ABC = "abc".getBytes(StandardCharsets.US_ASCII);
  private static final String HEX =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void is_the_digest_of_the_standard_however_it_is_written() {
    assertThat(Sha256.of(ABC)).asHexString().isEqualToIgnoringCase(HEX);
    assertThat(Sha256.hex(ABC)).isEqualTo(HEX);
    assertThat(Sha256.base64Url(ABC)).isEqualTo("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  }

  @Test
  void what_is_fed_to_one_is_not_in_another() {
    MessageDigest first = Sha256.begin();
    first.update((byte) 'x');

    MessageDigest second = Sha256.begin();
    second.update(ABC);

    assertThat(second.digest()).isEqualTo(Sha256.of(ABC));
    assertThat(first.digest()).isEqualTo(Sha256.of(new byte[] {'x'}));
  }
}
