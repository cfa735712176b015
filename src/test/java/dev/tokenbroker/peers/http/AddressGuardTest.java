package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.0.1",
        "169.254.255.255",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "febf::1",
        "ff02::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b:1::169.254.169.254",
        "64:ff9b:1:a9fe:a9:fe00::",
        "64:ff9b:1:a9:fe:a9fe::",
        "64:ff9b:1:0:a9:fea9:fe00:0",
        "64:ff9b:1::100.100.100.200",
        "2001:0:4136:e378:8000:63bf:5601:5601",
        "::ffff:0:169.254.169.254"
      })
  void never_calls_metadata_services_and_what_is_no_host(String address) {
    assertThat(AddressGuard.refusal(InetAddress.ofLiteral(address))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.100.100.201",
        "140.82.112.5",
        "169.253.255.255",
        "2606:50c0:8000::153",
        "fd00::1",
        "64:ff9b::140.82.112.5",
        "64:ff9b:1::140.82.112.5",
        "64:ff9b:1:8c52:70:500::",
        "2001:0:4136:e378:8000:63bf:73ad:8ffa",
        "2001:1:4136:e378:8000:63bf:5601:5601",
        "::ffff:0:140.82.112.5"
      })
  void calls_public_private_and_loopback_hosts(String address) {
    assertThat(AddressGuard.refusal(InetAddress.ofLiteral(address))).isEmpty();
  }
}
