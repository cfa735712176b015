package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.http.PeerRequest.Method;
import java.net.URI;
import java.util.Map;

/**
 * The REST API of GitHub, as one upstream calls it: each call is one request, and no redirect is
 * followed.
 *
 * @param client shared by all peers
 */
record GitHubApi(UpstreamDefinition upstream, PeerClient client) {

  /** The version of the API whose forms are read here. */
  static final String VERSION = "2022-11-28";

  static final String MEDIA_TYPE = "application/vnd.github+json";

  /** A request, and the response to it. */
  record Answer(URI uri, CallEnd end) {}

  /**
   * Sends one request.
   *
   * @param members the body of a POST
   */
  Answer call(
      Method method,
      URI base,
      String path,
      String bearer,
      Map<String, Object> members,
      Deadline limit) {
    String root = base.toString();
    URI uri = URI.create((root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path);
    String tls = upstream.tls();
    Map<String, String> headers =
        Map.of("Authorization", "Bearer " + bearer, "X-GitHub-Api-Version", VERSION);
    PeerRequest request =
        method == Method.POST
            ? PeerRequest.json(uri, tls, JsonBytes.of(members), headers)
            : PeerRequest.bare(method, uri, tls, headers);
    Peer peer = Peer.upstream(upstream.name());
    return new Answer(uri, client.send(request.withAccept(MEDIA_TYPE).withPeer(peer), limit));
  }
}
