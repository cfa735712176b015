package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PostRequest;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Asks a security token service of OAuth 2.0: RFC 8693, RFC 7523, RFC 6749 section 4.4. */
final class StsProtocol implements UpstreamProtocol {

  private final UpstreamDefinition upstream;
  private final TokenEndpoint endpoint;
  private final PeerClient client;
  private final InstantSource clock;
  private final ClientProof proof;
  private final TokenAnswers answers;

  /**
   * Reads the secret.
   *
   * @param maxTokenLifetime the longest accepted life of a token
   */
  StsProtocol(
      UpstreamDefinition upstream,
      TokenEndpoint endpoint,
      PeerClient client,
      Duration maxTokenLifetime,
      Clocks clock,
      ChangeListener changes) {
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.client = client;
    this.clock = clock;
    this.proof = ClientProof.of(upstream, clock, changes);
    this.answers = new TokenAnswers(upstream, maxTokenLifetime, clock);
  }

  @Override
  public Optional<Refusal> obstacle(Wanted wanted) {
    return proof.isReady()
        ? Optional.empty()
        : Optional.of(
            Refusal.of(RefusalReason.UPSTREAM_CLIENT_REFUSED)
                .expected("a readable file with the broker's secret for the upstream")
                .seen("none so far; the log names the problem"));
  }

  @Override
  public Attempted<Outcome<IssuedToken>> ask(
      URI uri, Wanted wanted, Deadline limit, Deadline deadline) {
    Instant sent = clock.instant();
    CallEnd posted = client.post(request(uri, wanted), limit);
    if (suggestsMove(posted)) {
      endpoint.doubt();
    }
    return answers.judge(posted, uri, wanted, sent, deadline);
  }

  @Override
  public void reread() {
    proof.reread();
  }

  private PostRequest request(URI uri, Wanted wanted) {
    TokenForm form = TokenForm.of(upstream.grant(), wanted);
    proof.addTo(form, uri, wanted.credential());
    return form.to(uri, upstream).withPeer(Peer.upstream(upstream.name()));
  }

  private static boolean suggestsMove(CallEnd posted) {
    return !(posted instanceof CallEnd.Response response)
        || UpstreamError.suggestsMove(response.status());
  }
}
