package dev.tokenbroker.edges.edge;

import io.smallrye.common.net.CidrAddress;
import io.smallrye.common.net.Inet;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a gRPC call comes from and where it was sent. Quarkus reads the headers of a trusted
 * proxy for HTTP only ({@code quarkus.http.proxy}); this class applies the same rules to gRPC.
 * Without a trusted proxy, only the connection counts.
 */
@Singleton
public final class Forwarding {

  private static final Logger LOG = Logger.getLogger(Forwarding.class);
  private static final Pattern FOR = parameter("for");
  private static final Pattern PROTO = parameter("proto");
  private static final Pattern HOST = parameter("host");
  private static final Pattern PORT = Pattern.compile("(?<=[\\].\\d]):\\d{1,5}$");

  private final boolean forwarded;
  private final boolean forwardedFor;
  private final boolean forwardedHost;
  private final @Nullable List<CidrAddress> trusted;

  Forwarding(ProxySettings settings) {
    boolean enabled = settings.proxyAddressForwarding();
    this.forwarded = enabled && settings.allowForwarded();
    this.forwardedFor = enabled && settings.allowXForwarded().orElse(!settings.allowForwarded());
    this.forwardedHost = settings.enableForwardedHost();
    this.trusted =
        settings
            .trustedProxies()
            .map(all -> all.stream().flatMap(Forwarding::networks).toList())
            .orElse(null);
  }

  /** Matches a parameter of {@code Forwarded}, in quotes or not (RFC 7239 section 4). */
  private static Pattern parameter(String name) {
    return Pattern.compile("(?:^|[;,\\s])" + name + "=\"?([^;,\"\\s]+)", Pattern.CASE_INSENSITIVE);
  }

  /**
   * The source and the destination of a call.
   *
   * @param peer the address of the caller, without the port; empty if unknown
   * @param scheme {@code http} or {@code https}
   * @param authority the host and port that the call was sent to; empty if unknown
   */
  public record Origin(String peer, String scheme, String authority) {

    /** The URI of a path; empty if the authority is unknown. */
    public String uri(String path) {
      return authority.isEmpty() ? "" : scheme + "://" + authority + path;
    }
  }

  /**
   * Finds the origin of one call.
   *
   * @param connection the address of the peer of the connection; null if it has none
   * @param header returns the value of a header of the call, or null
   */
  public Origin origin(
      @Nullable InetAddress connection,
      boolean tls,
      String authority,
      Function<String, @Nullable String> header) {
    String peer = connection == null ? "" : connection.getHostAddress();
    String scheme = tls ? "https" : "http";
    if (!(forwarded || forwardedFor) || connection == null || !isTrusted(connection)) {
      return new Origin(peer, scheme, authority);
    }
    String named = forwarded ? header.apply("forwarded") : null;
    if (named != null) {
      String first = first(named);
      return new Origin(
          address(find(FOR, first), peer),
          scheme(find(PROTO, first), scheme),
          or(find(HOST, first), authority));
    }
    if (!forwardedFor) {
      return new Origin(peer, scheme, authority);
    }
    return new Origin(
        address(first(header.apply("x-forwarded-for")), peer),
        scheme(first(header.apply("x-forwarded-proto")), scheme),
        forwardedHost ? or(first(header.apply("x-forwarded-host")), authority) : authority);
  }

  private boolean isTrusted(InetAddress connection) {
    return trusted == null || trusted.stream().anyMatch(network -> network.matches(connection));
  }

  private static String first(@Nullable String list) {
    return list == null ? "" : list.split(",", 2)[0].strip();
  }

  private static String find(Pattern parameter, String element) {
    Matcher found = parameter.matcher(element);
    return found.find() ? found.group(1) : "";
  }

  /**
   * The named address without its port. The address of the connection, if the name is no address
   * literal.
   */
  private static String address(String named, String connection) {
    String host = PORT.matcher(named).replaceFirst("").replace("[", "").replace("]", "");
    try {
      return InetAddress.ofLiteral(host).getHostAddress();
    } catch (IllegalArgumentException none) {
      return connection;
    }
  }

  private static String scheme(String named, String connection) {
    String scheme = named.toLowerCase(Locale.ROOT);
    return scheme.equals("http") || scheme.equals("https") ? scheme : connection;
  }

  private static String or(String named, String otherwise) {
    return named.isEmpty() ? otherwise : named;
  }

  /**
   * The networks of one entry. A host name is resolved once; an unknown name matches no address.
   */
  private static Stream<CidrAddress> networks(String entry) {
    String text = entry.strip();
    CidrAddress network = Inet.parseCidrAddress(text);
    if (network != null) {
      return Stream.of(network);
    }
    try {
      return Arrays.stream(InetAddress.getAllByName(text))
          .map(one -> CidrAddress.create(one, one.getAddress().length * Byte.SIZE));
    } catch (UnknownHostException unreadable) {
      LOG.warnf(
          "quarkus.http.proxy.trusted-proxies: the gRPC port ignores %s, which is no address,"
              + " network or known host name",
          entry);
      return Stream.empty();
    }
  }
}
