package dev.tokenbroker.base.text;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The addresses that one network can give itself: one of IPv4, a /64 of IPv6 (RFC 6177). */
public final class AddressBlock {

  private static final int PREFIX_BYTES = 8;

  private AddressBlock() {}

  /** The block of an address without a port; any other text is a block of its own. */
  public static String of(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    return literal(address)
        .filter(Inet6Address.class::isInstance)
        .map(wide -> Arrays.copyOf(wide.getAddress(), PREFIX_BYTES))
        .map(prefix -> HexFormat.of().formatHex(prefix) + "/64")
        .orElse(address);
  }

  /** The address that a text is, without a lookup of names; empty for any other text. */
  public static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException noAddress) {
      return Optional.empty();
    }
  }
}
