package dev.tokenbroker.command.doctor;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Connects to each address of a host, and closes the connection at once. */
final class ConnectionCheck {

  /** As many addresses as the broker tries. */
  private static final int MAX_ADDRESSES = 4;

  private final CheckList checks;

  ConnectionCheck(CheckList checks) {
    this.checks = checks;
  }

  /** The first address that accepts a connection; empty if none does. */
  Optional<InetSocketAddress> connect(List<InetAddress> addresses, int port) {
    List<String> failures = new ArrayList<>();
    InetSocketAddress open = null;
    Defect defect = Defect.CONNECTION_FAILED;
    for (InetAddress address : addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()))) {
      InetSocketAddress socketAddress = new InetSocketAddress(address, port);
      try (Socket socket = new Socket()) {
        socket.connect(socketAddress, (int) HostChecks.LIMIT.toMillis());
        open = open == null ? socketAddress : open;
      } catch (IOException failed) {
        defect = defect(failed);
        failures.add(text(socketAddress) + ": " + why(defect));
      }
    }
    if (open == null) {
      checks.found(defect, String.join("; ", failures), remedy(defect));
      return Optional.empty();
    }
    if (failures.isEmpty()) {
      checks.passed(DoctorCheck.HOST_CONNECTION, "port " + port);
    } else {
      checks.found(
          Defect.ADDRESS_UNREACHABLE,
          String.join("; ", failures) + "; " + text(open) + " accepts",
          "Remove the address from DNS, or open the way to it: each fetch may wait for it first.");
    }
    return Optional.of(open);
  }

  private static Defect defect(IOException failed) {
    return switch (failed) {
      case ConnectException _ -> Defect.CONNECTION_REFUSED;
      case SocketTimeoutException _ -> Defect.CONNECTION_TIMED_OUT;
      default -> Defect.CONNECTION_FAILED;
    };
  }

  private static String why(Defect defect) {
    return defect == Defect.CONNECTION_REFUSED
        ? "the connection is refused"
        : defect == Defect.CONNECTION_TIMED_OUT ? "no answer within 5 s" : "no route";
  }

  private static String remedy(Defect defect) {
    return defect == Defect.CONNECTION_REFUSED
        ? "Start what should listen there, or correct the port: the machine answers, but nothing"
            + " listens, or a firewall rejects."
        : "Open the way from here to that address in firewalls, network policies and routes.";
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
