package dev.tokenbroker.edges.http.token;

import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells where a request comes from: this machine, or a web page of another site.
 *
 * <p>A browser on this machine also runs pages of strangers. Such a page can send requests to
 * loopback, and a name that its owner resolves to loopback makes it the same origin as the broker
 * (DNS rebinding). So a request counts as one of this machine only if it names this machine, and
 * not if a page of another site sent it.
 */
public final class RequestOrigin {

  private static final String FETCH_SITE = "Sec-Fetch-Site";

  /** What browsers send for a page of the broker itself, and for an address that a person typed. */
  private static final List<String> OWN_SITE = List.of("same-origin", "none");

  private static final List<String> OF_PROXIES =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto");

  private static final Pattern THIS_MACHINE =
      Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  private RequestOrigin() {}

  /** Whether the request comes from this machine and is meant for it. */
  public static boolean isLoopback(HttpServerRequest request) {
    return isFromLoopback(request) && namesThisMachine(request) && !isForeignPage(request);
  }

  /**
   * Whether the client sent the request without TLS to another machine than its own. The scheme is
   * the one that a trusted proxy forwards. Behind a proxy, {@code Host} may not be the client's.
   */
  public static boolean isInClear(HttpServerRequest request) {
    boolean proxied = OF_PROXIES.stream().anyMatch(request.headers()::contains);
    return !"https".equals(request.scheme()) && (proxied || !namesThisMachine(request));
  }

  // The address is a literal, so getByName resolves nothing.
  private static boolean isFromLoopback(HttpServerRequest request) {
    try {
      return InetAddress.getByName(request.connection().remoteAddress().hostAddress())
          .isLoopbackAddress();
    } catch (UnknownHostException notAnAddress) {
      return false;
    }
  }

  // The header as it was received: a page can send a forwarded host, but not another Host.
  public static boolean namesThisMachine(HttpServerRequest request) {
    List<String> hosts = request.headers().getAll(HttpHeaders.HOST);
    return hosts.size() == 1 && THIS_MACHINE.matcher(hosts.getFirst()).matches();
  }

  /** Whether a browser says that a page of another site sent the request. */
  public static boolean isForeignPage(HttpServerRequest request) {
    return !OWN_SITE.containsAll(request.headers().getAll(FETCH_SITE));
  }
}
