package dev.tokenbroker.peers.http;

import dev.tokenbroker.peers.http.HttpClients.ClientUse;
import dev.tokenbroker.peers.trust.PeerTls;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request to a peer. Body and header values are secrets: neither appears in {@link #toString} nor
 * in the message of an exception.
 *
 * @param uri the URL; https unless the settings allow http to loopback
 * @param tls whom the broker trusts, and the certificate that it shows
 * @param headers all headers but those that the client sets on each request
 * @param body the content of a POST; other methods have none
 * @param peer the peer whose certificate is compared; null to compare none
 * @param use the connections that the request uses, and the responses that are read to their end
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
public record PeerRequest(
    Method method,
    URI uri,
    PeerTls tls,
    Map<String, String> headers,
    byte[] body,
    @Nullable Peer peer,
    ClientUse use) {

  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String JSON = "application/json";
  private static final byte[] NO_BODY = {};

  private static final Set<String> SET_BY_THE_CLIENT =
      Set.of(
          """
          accept accept-encoding connection content-encoding content-length content-type expect
          host te trailer transfer-encoding upgrade user-agent\
          """
              .split("\\s+", -1));

  /** The method of a request. */
  public enum Method {
    GET,
    POST,
    DELETE
  }

  /**
   * A GET for a document that a cache on the way may answer, of no known peer.
   *
   * @param tls the TLS configuration, by name; null for the default one
   */
  public static PeerRequest document(URI uri, @Nullable String tls) {
    PeerTls trusted = new PeerTls.ConfiguredTls(tls);
    return new PeerRequest(Method.GET, uri, trusted, Map.of(), NO_BODY, null, ClientUse.DOCUMENTS)
        .withAccept(JSON + ", application/jwk-set+json");
  }

  /** A form (RFC 6749 appendix B), of no known peer; further headers as {@link #bare} has them. */
  public static PeerRequest form(
      URI uri, @Nullable String tls, byte[] body, Map<String, String> headers) {
    return post(FORM, body, bare(Method.POST, uri, tls, headers));
  }

  /** A JSON document (RFC 8259), of no known peer; further headers as {@link #bare} has them. */
  public static PeerRequest json(
      URI uri, @Nullable String tls, byte[] body, Map<String, String> headers) {
    return post(JSON, body, bare(Method.POST, uri, tls, headers));
  }

  /**
   * A request without a body, for a JSON document with any status, of no known peer.
   *
   * @param headers further headers, for example {@code Authorization}; refused if they would change
   *     the framing or the target of the request
   */
  public static PeerRequest bare(
      Method method, URI uri, @Nullable String tls, Map<String, String> headers) {
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
    PeerTls trusted = new PeerTls.ConfiguredTls(tls);
    return new PeerRequest(method, uri, trusted, headers, NO_BODY, null, ClientUse.FORMS)
        .withAccept(JSON);
  }

  private static PeerRequest post(String type, byte[] body, PeerRequest bare) {
    PeerRequest typed = bare.with("Content-Type", type);
    return new PeerRequest(
        typed.method, typed.uri, typed.tls, typed.headers, body, typed.peer, typed.use);
  }

  /** The same request with that TLS. */
  public PeerRequest withTls(PeerTls other) {
    return new PeerRequest(method, uri, other, headers, body, peer, use);
  }

  /** The same request of that peer. */
  public PeerRequest withPeer(Peer named) {
    return new PeerRequest(method, uri, tls, headers, body, named, use);
  }

  /** The same request for a response of those media types. */
  public PeerRequest withAccept(String types) {
    return with("Accept", types);
  }

  /**
   * The same request with that token. It goes to the origin of the URL only, since no redirect to
   * another origin is followed.
   */
  public PeerRequest withBearer(BearerToken token) {
    return with("Authorization", token.header());
  }

  /** The same request; caches on the way must ask the origin (RFC 9111 section 5.2.1.4). */
  public PeerRequest pastCaches() {
    return with("Cache-Control", "no-cache");
  }

  /** The same request as a probe, so that it uses other connections than callers do. */
  public PeerRequest probing() {
    return with(ClientUse.PROBES);
  }

  PeerRequest with(ClientUse other) {
    return new PeerRequest(method, uri, tls, headers, body, peer, other);
  }

  PeerRequest at(URI other) {
    return new PeerRequest(method, other, tls, headers, body, peer, use);
  }

  private PeerRequest with(String header, String value) {
    Map<String, String> all = new HashMap<>(headers);
    all.put(header, value);
    return new PeerRequest(method, uri, tls, Map.copyOf(all), body, peer, use);
  }

  @Override
  public String toString() {
    return "PeerRequest[" + uri.getHost() + ", " + body.length + " bytes]";
  }
}
