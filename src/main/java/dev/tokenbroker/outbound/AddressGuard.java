package dev.tokenbroker.outbound;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Knows the addresses that are never called, whoever names them: those where a cloud hands
 * credentials to whoever asks, and those that are no host.
 *
 * <p>Private networks are called, since corporate issuers live there. IPv4 addresses hidden in IPv6
 * ones (RFC 6052, 8215, 2765, 3056, 4380, 4291 section 2.5.5) are judged by what a gateway would
 * make of them.
 */
final class AddressGuard {

  /** Metadata services: AWS, GCP, Azure, OpenStack; AWS and GCP by IPv6; Alibaba; Oracle; Azure. */
  private static final Set<InetAddress> METADATA =
      Set.of(
          literal("169.254.169.254"),
          literal("fd00:ec2::254"),
          literal("fd20:ce::254"),
          literal("100.100.100.200"),
          literal("192.0.0.192"),
          literal("168.63.129.16"));

  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final byte[] LOCAL_NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 1};
  private static final byte[] COMPATIBLE = new byte[12];
  private static final byte[] TRANSLATED = {0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0};
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};
  private static final byte[] TEREDO = {0x20, 0x01, 0, 0};

  private AddressGuard() {}

  /** Why that address is not called; empty where it may be. */
  static Optional<String> refusal(InetAddress address) {
    InetAddress real = unwrap(address);
    return credentials(real)
        .or(() -> credentialsBehindLocalNat64(real))
        .or(
            () -> {
              if (real.isMulticastAddress()) {
                return Optional.of("a multicast address");
              }
              return real.isAnyLocalAddress() || isThisNetworkOrBroadcast(real)
                  ? Optional.of("not the address of a host")
                  : Optional.empty();
            });
  }

  private static Optional<String> credentials(InetAddress real) {
    if (METADATA.contains(real)) {
      return Optional.of("a metadata service");
    }
    return real.isLinkLocalAddress() ? Optional.of("a link-local address") : Optional.empty();
  }

  /**
   * The length of the prefix is known to the gateway alone, so each that RFC 6052 section 2.2 has
   * is tried; all but one read nonsense, which is why nothing milder is looked for.
   */
  private static Optional<String> credentialsBehindLocalNat64(InetAddress address) {
    byte[] b = address.getAddress();
    if (b.length != 16 || !startsWith(b, LOCAL_NAT64)) {
      return Optional.empty();
    }
    return Stream.of(
            new byte[] {b[6], b[7], b[9], b[10]},
            new byte[] {b[7], b[9], b[10], b[11]},
            new byte[] {b[9], b[10], b[11], b[12]},
            new byte[] {b[12], b[13], b[14], b[15]})
        .map(embedded -> credentials(of(embedded)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static boolean isThisNetworkOrBroadcast(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 && (bytes[0] == 0 || (bytes[0] & 0xff) >= 240);
  }

  private static InetAddress unwrap(InetAddress address) {
    if (!(address instanceof Inet6Address) || address.isLoopbackAddress()) {
      return address;
    }
    byte[] bytes = address.getAddress();
    if (startsWith(bytes, NAT64)
        || startsWith(bytes, COMPATIBLE)
        || startsWith(bytes, TRANSLATED)) {
      return of(Arrays.copyOfRange(bytes, 12, 16));
    }
    if (startsWith(bytes, TEREDO)) {
      byte[] client = Arrays.copyOfRange(bytes, 12, 16);
      for (int at = 0; at < client.length; at++) {
        client[at] = (byte) ~client[at];
      }
      return of(client);
    }
    if (startsWith(bytes, SIX_TO_FOUR)) {
      return of(Arrays.copyOfRange(bytes, 2, 6));
    }
    // The scope of an address would keep it from being equal to one in the set.
    return of(bytes);
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static InetAddress literal(String address) {
    return InetAddress.ofLiteral(address);
  }
}
