package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.AddressGuard;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HostResolver.Resolved;
import dev.tokenbroker.peers.http.ProbeClient;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks the way to a host, one layer after the other: name, address, connection, TLS. Each step
 * takes at most {@link #LIMIT}, and none follows one that failed. An address that the broker never
 * calls is not called here either. Where a proxy connects for the broker, only the requests after
 * these checks can tell.
 */
final class HostChecks {

  static final Duration LIMIT = Duration.ofSeconds(5);

  private static final List<DoctorCheck> STEPS =
      List.of(
          DoctorCheck.HOST_NAME,
          DoctorCheck.HOST_ADDRESS,
          DoctorCheck.HOST_CONNECTION,
          DoctorCheck.HOST_TLS);

  private final ProbeClient probes;
  private final InstantSource clock;
  private final PeerSide side;
  private final CheckList checks;

  HostChecks(ProbeClient probes, InstantSource clock, PeerSide side, CheckList checks) {
    this.probes = probes;
    this.clock = clock;
    this.side = side;
    this.checks = checks;
  }

  /**
   * Checks the host of a URL; returns whether it can be called.
   *
   * @param tls the name of the TLS configuration; null for the default one
   */
  boolean check(URI uri, @Nullable String tls) {
    String host = host(uri);
    Optional<String> proxy = probes.proxyTo(uri);
    if (proxy.isPresent()) {
      STEPS.forEach(step -> checks.skipped(step, "the proxy " + proxy.get() + " connects"));
      return true;
    }
    List<InetAddress> addresses = resolve(host);
    if (addresses.isEmpty()) {
      return skipAfter(DoctorCheck.HOST_NAME);
    }
    if (!mayBeCalled(host, addresses)) {
      return skipAfter(DoctorCheck.HOST_ADDRESS);
    }
    Optional<InetSocketAddress> open = new ConnectionCheck(checks).connect(addresses, port(uri));
    if (open.isEmpty()) {
      return skipAfter(DoctorCheck.HOST_CONNECTION);
    }
    if (!"https".equalsIgnoreCase(uri.getScheme())) {
      checks.skipped(DoctorCheck.HOST_TLS, "the URL is http, which is allowed to loopback only");
      return true;
    }
    return new TlsFindings(checks, side, host, open.get(), tls, clock.instant())
        .report(probes.handshake(uri, tls, open.get().getAddress(), Deadline.after(LIMIT)));
  }

  private boolean skipAfter(DoctorCheck failed) {
    STEPS
        .subList(STEPS.indexOf(failed) + 1, STEPS.size())
        .forEach(step -> checks.skipped(step, "an earlier check of the host failed"));
    return false;
  }

  private List<InetAddress> resolve(String host) {
    switch (probes.addresses(host, Deadline.after(LIMIT))) {
      case Resolved.ResolvedAddresses(List<InetAddress> addresses) -> {
        checks.passed(DoctorCheck.HOST_NAME, host + ": " + texts(addresses));
        return addresses;
      }
      case CallFailed why when why.kind() == FetchFailure.TIMED_OUT ->
          checks.found(
              Defect.HOST_LOOKUP_TIMED_OUT,
              "no name server answers within 5 s for " + host,
              "Check the name servers in /etc/resolv.conf and the network policy for port 53.");
      case CallFailed _ ->
          checks.found(
              Defect.HOST_UNRESOLVED,
              "the name " + host + " does not resolve",
              "Correct the host in the document, or add the name to the DNS that this machine"
                  + " uses.");
    }
    return List.of();
  }

  private static String texts(List<InetAddress> addresses) {
    return addresses.stream()
        .map(
            address ->
                address.getHostAddress()
                    + (address instanceof Inet6Address ? " (IPv6)" : " (IPv4)"))
        .collect(Collectors.joining(", "));
  }

  private boolean mayBeCalled(String host, List<InetAddress> addresses) {
    for (InetAddress address : addresses) {
      Optional<String> why = AddressGuard.refusal(address);
      if (why.isPresent()) {
        checks.found(
            side.addressRefused(),
            host + " is at " + address.getHostAddress() + ", " + why.get(),
            "Give the "
                + side.noun()
                + " a host whose addresses are all callable. The broker refuses a name if one"
                + " address is refused.");
        return false;
      }
    }
    checks.passed(DoctorCheck.HOST_ADDRESS, addresses.size() + " allowed");
    return true;
  }

  private static String host(URI uri) {
    String host = uri.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }
}
