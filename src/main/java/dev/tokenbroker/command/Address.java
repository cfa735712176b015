package dev.tokenbroker.command;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The address of a broker.
 *
 * @param host a name or an address; an IPv6 one without brackets
 */
record Address(String host, int port) {

  // The ports of a broker unless its settings say otherwise.
  static final int GRPC_PORT = 9000;

  static final int HTTP_PORT = 8080;

  static final int MANAGEMENT_PORT = 9100;

  private static final int MAX_PORT = 65_535;

  /**
   * An option with an address.
   *
   * @param example a port for the message
   */
  static OptionSpec option(String name, String description, int example) {
    return Commands.option(
        name, "HOST:PORT", description, Address.class, text -> parse(text, name, example));
  }

  /**
   * Reads {@code host:port} ({@code [::1]:9000} for IPv6); anything else is wrong usage.
   *
   * @param example a port for the message
   */
  static Address parse(String text, String option, int example) throws Failure {
    try {
      URI uri = new URI("broker://" + text);
      String host = uri.getHost();
      if (host != null
          && uri.getPort() > 0
          && uri.getPort() <= MAX_PORT
          && text.equals(host + ":" + uri.getPort())) {
        boolean literal = host.startsWith("[");
        return new Address(literal ? host.substring(1, host.length() - 1) : host, uri.getPort());
      }
    } catch (URISyntaxException notOne) {
      // Reported below.
    }
    throw new Failure(ExitCode.USAGE, option + " must be host:port, such as localhost:" + example);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
