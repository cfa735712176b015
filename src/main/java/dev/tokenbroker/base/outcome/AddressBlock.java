package dev.tokenbroker.base.outcome;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** The addresses that one network can give itself: one of IPv4, a /64 of IPv6 (RFC 6177). */
public final class AddressBlock {

  private static final int PREFIX_BYTES = 8;

  private AddressBlock() {}

  /** The block of an address without a port; any other text is a block of its own. */
  public static String of(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      return InetAddress.ofLiteral(address) instanceof Inet6Address wide
          ? HexFormat.of().formatHex(Arrays.copyOf(wide.getAddress(), PREFIX_BYTES)) + "/64"
          : address;
    } catch (IllegalArgumentException noAddress) {
      return address;
    }
  }
}
