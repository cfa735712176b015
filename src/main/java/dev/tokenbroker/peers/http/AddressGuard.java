package dev.tokenbroker.peers.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses addresses that are never called, whatever names them: cloud services that give out
 * credentials without authentication, and addresses that belong to no host.
 *
 * <p>Private networks are allowed, since corporate issuers live there. An IPv4 address embedded in
 * an IPv6 one (RFC 6052, 8215, 2765, 3056, 4380, 4291 section 2.5.5) is judged as the address that
 * a gateway would extract.
 */
public final class AddressGuard {

  /** Metadata services: AWS, GCP, Azure, OpenStack; AWS and GCP by IPv6; Alibaba; Oracle; Azure. */
  private static final Set<InetAddress> METADATA =
      Stream.of(
              "169.254.169.254",
              "fd00:ec2::254",
              "fd20:ce::254",
              "100.100.100.200",
              "192.0.0.192",
              "168.63.129.16")
          .map(InetAddress::ofLiteral)
          .collect(Collectors.toUnmodifiableSet());

  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final byte[] LOCAL_NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 1};
  private static final byte[] COMPATIBLE = new byte[12];
  private static final byte[] TRANSLATED = {0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0};
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};
  private static final byte[] TEREDO = {0x20, 0x01, 0, 0};

  private AddressGuard() {}

  /** The reason why the address is refused; empty where it may be called. */
  public static Optional<String> refusal(InetAddress address) {
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
   * Tries each prefix length of RFC 6052 section 2.2, since only the gateway knows the right one.
   * All others yield random addresses, so milder refusals are not looked for.
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
    // An address with a scope would not be equal to one in the set.
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
}
