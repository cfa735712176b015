package dev.tokenbroker.door;

import io.vertx.core.http.HttpServerRequest;

/**
 * How long what a request asks for may be, whatever it speaks: over HTTP/1 the server below holds
 * the request line to that, over HTTP/2 it takes as much as there may be of headers. Each route
 * with a path has the router bring that of the request into its normal form, for which it moves all
 * that follows an escaped character, for each.
 */
public final class TargetLength {

  public static final int MOST = 4096;

  public static final int MOST_ESCAPED = 256;

  private TargetLength() {}

  /** Whether it is too long, or too much of it is escaped. */
  public static boolean isTooMuch(HttpServerRequest request) {
    String uri = request.uri();
    return uri != null && (uri.length() > MOST || isTooMuchEscaped(uri));
  }

  private static boolean isTooMuchEscaped(String uri) {
    int escaped = 0;
    for (int at = uri.indexOf('%'); at >= 0; at = uri.indexOf('%', at + 1)) {
      escaped++;
    }
    return escaped > MOST_ESCAPED;
  }
}
