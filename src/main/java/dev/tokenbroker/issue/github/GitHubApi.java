package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PostRequest;
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

  Answer get(URI base, String path, String bearer, Deadline limit) {
    PostRequest request = request(base, path, bearer, new byte[0]);
    return new Answer(request.uri(), client.call(PeerClient.Method.GET, request, limit));
  }

  Answer delete(URI base, String path, String bearer, Deadline limit) {
    PostRequest request = request(base, path, bearer, new byte[0]);
    return new Answer(request.uri(), client.call(PeerClient.Method.DELETE, request, limit));
  }

  Answer post(URI base, String path, String bearer, Map<String, Object> members, Deadline limit) {
    PostRequest request = request(base, path, bearer, JsonBytes.of(members));
    return new Answer(request.uri(), client.post(request, limit));
  }

  private PostRequest request(URI base, String path, String bearer, byte[] body) {
    String root = base.toString();
    URI uri = URI.create((root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path);
    return PostRequest.json(
            uri,
            upstream.tls(),
            body,
            Map.of("Authorization", "Bearer " + bearer, "X-GitHub-Api-Version", VERSION))
        .withAccept(MEDIA_TYPE)
        .withPeer(Peer.upstream(upstream.name()));
  }
}
