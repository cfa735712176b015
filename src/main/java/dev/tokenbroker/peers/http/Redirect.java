package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import java.net.URI;
import java.net.URISyntaxException;

/** The target of a redirect. */
sealed interface Redirect permits Redirect.WithinOrigin, CallFailed {

  /** Another path of the same origin; without the fragment, which is not sent. */
  record WithinOrigin(URI uri) implements Redirect {}

  /**
   * Reads a {@code Location} (RFC 9110 section 10.2.2).
   *
   * @param from the requested URL; http or https, with a host
   */
  static Redirect of(URI from, String location) {
    URI reference;
    try {
      reference = new URI(location);
    } catch (URISyntaxException unreadable) {
      return refused("redirected to what is no address");
    }
    URI to = from.resolve(reference);
    return isSameOrigin(from, to)
        ? new WithinOrigin(
            URI.create(to.getScheme() + "://" + to.getRawAuthority() + target(from, reference)))
        : refused(Evidence.clean("redirected to another origin: " + address(to)));
  }

  private static boolean isSameOrigin(URI from, URI to) {
    return to.getHost() != null && Origin.of(from).equals(Origin.of(to));
  }

  /**
   * Path and query by RFC 3986 section 5.2.2. {@link URI#resolve} follows RFC 2396, where a query
   * alone starts at the directory, and keeps dots that lead out of the root.
   */
  private static String target(URI from, URI reference) {
    String path = reference.getRawPath();
    String query = reference.getRawQuery();
    if (reference.getRawAuthority() == null && path.isEmpty()) {
      path = from.getRawPath();
      query = query == null ? from.getRawQuery() : query;
    } else if (reference.getRawAuthority() == null && !path.startsWith("/")) {
      path = from.getRawPath().substring(0, from.getRawPath().lastIndexOf('/') + 1) + path;
    }
    return DotSegments.removed(path) + (query == null ? "" : "?" + query);
  }

  /** Without user, query and fragment: a peer may put anything there. */
  private static String address(URI to) {
    String port = to.getPort() < 0 ? "" : ":" + to.getPort();
    return to.getHost() == null
        ? "no host"
        : to.getScheme() + "://" + to.getHost() + port + to.getRawPath();
  }

  private static CallFailed refused(String detail) {
    return new CallFailed(FetchFailure.REDIRECTED, detail);
  }
}
