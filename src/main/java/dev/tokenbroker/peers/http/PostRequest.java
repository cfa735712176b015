package dev.tokenbroker.peers.http;

import dev.tokenbroker.peers.trust.PeerTls;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A form or a JSON document to be posted. Body and header values are secrets: neither appears in
 * {@link #toString} nor in the message of an exception.
 *
 * @param uri the URL; https unless the settings allow http to loopback
 * @param tls whom the broker trusts, and the certificate that it shows
 * @param accept the media types of the response, as the header of that name lists them
 * @param contentType the media type of the body
 * @param body the content, as that type demands
 * @param headers further headers, for example {@code Authorization}; none that the client sets
 *     itself
 * @param peer the peer whose certificate is compared; null to compare none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
public record PostRequest(
    URI uri,
    PeerTls tls,
    String accept,
    String contentType,
    byte[] body,
    Map<String, String> headers,
    @Nullable Peer peer) {

  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String JSON = "application/json";

  private static final Set<String> SET_BY_THE_CLIENT =
      Set.of(
          """
          accept accept-encoding connection content-encoding content-length content-type expect
          host te trailer transfer-encoding upgrade user-agent"""
              .split("\\s+", -1));

  /** Refuses headers that would change the framing or the target of the request. */
  public PostRequest {
    headers = Map.copyOf(headers);
    headers.forEach(
        (name, value) -> {
          if (!name.matches("[A-Za-z0-9-]{1,64}")
              || SET_BY_THE_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("no such header may be set on a request");
          }
          if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                "the value of header " + name + " is not printable ASCII");
          }
        });
  }

  /**
   * A form (RFC 6749 appendix B), of no known peer.
   *
   * @param tls the TLS configuration, by name; null for the default one
   */
  public static PostRequest form(
      URI uri, @Nullable String tls, byte[] body, Map<String, String> headers) {
    return new PostRequest(uri, new PeerTls.ConfiguredTls(tls), JSON, FORM, body, headers, null);
  }

  /** A JSON document (RFC 8259), of no known peer. */
  public static PostRequest json(
      URI uri, @Nullable String tls, byte[] body, Map<String, String> headers) {
    return new PostRequest(uri, new PeerTls.ConfiguredTls(tls), JSON, JSON, body, headers, null);
  }

  /** The same request with that TLS. */
  public PostRequest withTls(PeerTls other) {
    return new PostRequest(uri, other, accept, contentType, body, headers, peer);
  }

  /** The same request for a response of those media types; JSON is the default. */
  public PostRequest withAccept(String types) {
    return new PostRequest(uri, tls, types, contentType, body, headers, peer);
  }

  /** The same request for that peer. */
  public PostRequest withPeer(Peer named) {
    return new PostRequest(uri, tls, accept, contentType, body, headers, named);
  }

  @Override
  public String toString() {
    return "PostRequest[" + uri.getHost() + ", " + body.length + " bytes]";
  }
}
