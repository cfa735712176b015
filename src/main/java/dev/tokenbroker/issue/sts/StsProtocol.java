package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerRequest;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/** Asks a security token service of OAuth 2.0: RFC 8693, RFC 7523, RFC 6749 section 4.4. */
final class StsProtocol implements UpstreamProtocol {

  private final UpstreamDefinition upstream;
  private final StsKind kind;
  private final UpstreamKind.UpstreamMeans means;
  private final ClientProof proof;
  private final TokenAnswers answers;

  /** Reads the secret. */
  StsProtocol(UpstreamDefinition upstream, StsKind kind, UpstreamKind.UpstreamMeans means) {
    this.upstream = upstream;
    this.kind = kind;
    this.means = means;
    this.proof = ClientProof.of(kind.authentication(), upstream, means.clock(), means.changes());
    this.answers = new TokenAnswers(kind, means.maxTokenLifetime(), means.clock());
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
    Instant sent = means.clock().instant();
    CallEnd posted = means.client().send(request(uri, wanted), limit);
    if (suggestsMove(posted)) {
      means.doubt().run();
    }
    return answers.judge(posted, uri, wanted, sent, deadline);
  }

  @Override
  public void reread() {
    proof.reread();
  }

  private PeerRequest request(URI uri, Wanted wanted) {
    TokenForm form = TokenForm.of(kind.grant(), wanted);
    proof.addTo(form, uri, wanted.credential());
    return form.to(uri, upstream, kind.encoding()).withPeer(Peer.upstream(upstream.name()));
  }

  private static boolean suggestsMove(CallEnd posted) {
    return !(posted instanceof CallEnd.Response response)
        || UpstreamError.suggestsMove(response.status());
  }
}
