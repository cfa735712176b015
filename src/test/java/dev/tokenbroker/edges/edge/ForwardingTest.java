package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Forwarding.Origin;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardingTest {

  private static final InetAddress PROXY = InetAddress.ofLiteral("10.1.2.3");
  private static final Map<String, String> X_FORWARDED =
      Map.of(
          "x-forwarded-for", "203.0.113.7, 10.9.9.9",
          "x-forwarded-proto", "https",
          "x-forwarded-host", "broker.example");

  /** The settings of {@code quarkus.http.proxy}. */
  private record Settings(
      boolean proxyAddressForwarding,
      boolean allowForwarded,
      Optional<Boolean> allowXForwarded,
      boolean enableForwardedHost,
      Optional<List<String>> trustedProxies)
      implements ProxySettings {}

  @Test
  void believes_no_header_unless_the_settings_say_so() {
    assertThat(origin(settings(false, false, "10.0.0.0/8"), X_FORWARDED))
        .isEqualTo(new Origin("10.1.2.3", "http", "localhost:9000"));
  }

  @Test
  void takes_address_scheme_and_host_from_a_trusted_proxy() {
    Origin origin = origin(settings(true, false, "10.0.0.0/8"), X_FORWARDED);

    assertThat(origin).isEqualTo(new Origin("203.0.113.7", "https", "broker.example"));
    assertThat(origin.uri("/a.B/C")).isEqualTo("https://broker.example/a.B/C");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, true",
    "10.1.2.0/24, true",
    "10.1.2.2, false",
    "10.1.3.0/24, false",
    "::/0, false",
    "10.1.2.3/33x, false"
  })
  void trusts_the_addresses_and_networks_that_the_settings_name(String entry, boolean trusted) {
    assertThat(origin(settings(true, false, entry), X_FORWARDED).peer())
        .isEqualTo(trusted ? "203.0.113.7" : "10.1.2.3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=203.0.113.7                                   | 203.0.113.7",
        "For=203.0.113.7;proto=https;host=h.example        | 203.0.113.7",
        "for=\"[2001:db8::1]:4711\"                        | 2001:db8:0:0:0:0:0:1",
        "for=203.0.113.7:4711, for=198.51.100.1            | 203.0.113.7",
        "for=_hidden                                       | 10.1.2.3",
        "proto=https                                       | 10.1.2.3"
      })
  void reads_the_first_element_of_forwarded(String header, String peer) {
    assertThat(origin(settings(true, true, "10.1.2.3"), Map.of("forwarded", header)).peer())
        .isEqualTo(peer);
  }

  @ParameterizedTest
  @CsvSource({"nonsense", "203.0.113.7x", "localhost"})
  void keeps_the_connection_address_if_the_header_has_none(String named) {
    assertThat(origin(settings(true, false, "10.1.2.3"), Map.of("x-forwarded-for", named)).peer())
        .isEqualTo("10.1.2.3");
  }

  private static Settings settings(boolean enabled, boolean forwarded, String trusted) {
    return new Settings(enabled, forwarded, Optional.empty(), true, Optional.of(List.of(trusted)));
  }

  private static Origin origin(Settings settings, Map<String, String> headers) {
    return new Forwarding(settings).origin(PROXY, false, "localhost:9000", headers::get);
  }
}
