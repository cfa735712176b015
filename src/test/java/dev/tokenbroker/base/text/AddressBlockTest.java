package dev.tokenbroker.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressBlockTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7",
    "2001:db8:1:2:3:4:5:6, 20010db800010002/64",
    "2001:db8:1:2::, 20010db800010002/64",
    "2001:db8:1:3::1, 20010db800010003/64",
    "::ffff:192.0.2.7, ::ffff:192.0.2.7",
    "no:address, no:address",
    "unix, unix"
  })
  void is_the_network_of_an_address(String address, String block) {
    assertThat(AddressBlock.of(address)).isEqualTo(block);
  }
}
