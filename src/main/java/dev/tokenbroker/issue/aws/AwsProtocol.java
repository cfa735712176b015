package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.policy.Supply;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PostRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * Asks the STS of AWS for the credentials of a role ({@code AssumeRoleWithWebIdentity}, version
 * 2011-06-15). The request is not signed: the JWT of the broker speaks for the identity.
 */
final class AwsProtocol implements UpstreamProtocol {

  private static final String TYPES = "text/xml, application/xml";

  private final UpstreamDefinition upstream;
  private final PeerClient client;
  private final InstantSource clock;
  private final AwsAnswers answers;
  private final RoleTrust trust;

  AwsProtocol(
      UpstreamDefinition upstream, PeerClient client, InstantSource clock, ChangeListener changes) {
    this.upstream = upstream;
    this.client = client;
    this.clock = clock;
    this.answers = new AwsAnswers(clock);
    this.trust = new RoleTrust(upstream.name(), changes);
  }

  @Override
  public Optional<Refusal> obstacle(Wanted wanted) {
    return Optional.empty(); // no secret is needed, and the presenter looks after the JWT
  }

  @Override
  public Attempted<Outcome<IssuedToken>> ask(
      URI endpoint, Wanted wanted, Deadline limit, Deadline deadline) {
    Instant sent = clock.instant();
    PostRequest request =
        PostRequest.form(endpoint, upstream.tls(), form(wanted), Map.of())
            .withAccept(TYPES)
            .withPeer(Peer.upstream(upstream.name()));
    CallEnd posted = client.post(request, limit);
    return answers
        .judge(posted, endpoint, wanted, sent, deadline)
        .map(end -> trust.judged(wanted, end));
  }

  @Override
  public void reread() {
    // There is no file with a secret.
  }

  private static byte[] form(Wanted wanted) {
    Supply.Aws session = (Supply.Aws) wanted.supply();
    SequencedMap<String, String> form = new LinkedHashMap<>();
    form.put("Action", "AssumeRoleWithWebIdentity");
    form.put("Version", "2011-06-15");
    form.put("RoleArn", session.role());
    form.put("RoleSessionName", session.sessionName());
    form.put("WebIdentityToken", wanted.credential().value());
    form.put("DurationSeconds", Long.toString(session.duration().toSeconds()));
    if (session.policy() != null) {
      form.put("Policy", session.policy());
    }
    List<String> arns = session.policyArns();
    for (int at = 0; at < arns.size(); at++) {
      form.put("PolicyArns.member." + (at + 1) + ".arn", arns.get(at));
    }
    return form.entrySet().stream()
        .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
        .collect(Collectors.joining("&"))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
