package dev.tokenbroker.command.fetch;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;

/** Reads addresses to which a secret may be sent: https, or http to this machine. */
final class SafeAddress {

  private SafeAddress() {}

  /**
   * The address, which may have a query.
   *
   * @param what its name in messages
   */
  static URI parse(String text, String what) throws NoToken {
    try {
      URI address = new URI(text);
      String host = address.getHost();
      if (host != null && address.getUserInfo() == null && address.getRawFragment() == null) {
        if ("https".equalsIgnoreCase(address.getScheme())) {
          return address;
        }
        if ("http".equalsIgnoreCase(address.getScheme())) {
          if (isLoopback(host)) {
            return address;
          }
          throw new NoToken(
              NoToken.Kind.MISUSE,
              what + " must begin with https://: http is for this machine only (loopback)");
        }
      }
    } catch (URISyntaxException none) {
      // Reported below.
    }
    throw new NoToken(
        NoToken.Kind.MISUSE,
        what + " must be an address such as https://broker.example, without user and fragment");
  }

  /** By the text alone: what a name server says can change before the connection is made. */
  private static boolean isLoopback(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (IllegalArgumentException name) {
      return false;
    }
  }
}
