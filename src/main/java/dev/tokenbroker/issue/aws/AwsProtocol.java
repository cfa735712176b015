package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.KnownGrants;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamKind.UpstreamMeans;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.target.AwsRole;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerRequest;
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
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks the STS of AWS for the credentials of a role ({@code AssumeRoleWithWebIdentity}, version
 * 2011-06-15). The request is not signed: the JWT of the broker speaks for the identity.
 */
final class AwsProtocol implements UpstreamProtocol {

  private static final String TYPES = "text/xml, application/xml";

  /** What the trust policy of a role decides. */
  private static final Set<RefusalReason> TRUST =
      Set.of(RefusalReason.UPSTREAM_NOT_PERMITTED, RefusalReason.UPSTREAM_ASSERTION_REFUSED);

  private final UpstreamDefinition upstream;
  private final PeerClient client;
  private final InstantSource clock;
  private final AwsAnswers answers;
  private final KnownGrants known;

  /** What AWS judges. */
  private record Session(Supply.Upstreamed supply, String subject, Map<String, Object> claims) {}

  AwsProtocol(UpstreamDefinition upstream, UpstreamMeans means) {
    this.upstream = upstream;
    this.client = means.client();
    this.clock = means.clock();
    this.answers = new AwsAnswers(clock);
    this.known =
        new KnownGrants(
            upstream.name(),
            ChangeKind.ROLE_TRUST_CHANGED,
            "credentials were given",
            TRUST,
            means.changes());
  }

  @Override
  public Optional<Refusal> obstacle(Wanted wanted) {
    return Optional.empty(); // no secret is needed, and the presenter looks after the JWT
  }

  @Override
  public Attempted<Outcome<IssuedToken>> ask(
      URI endpoint, Wanted wanted, Deadline limit, Deadline deadline) {
    Instant sent = clock.instant();
    PeerRequest request =
        PeerRequest.form(endpoint, upstream.tls(), form(wanted), Map.of())
            .withAccept(TYPES)
            .withPeer(Peer.upstream(upstream.name()));
    CallEnd posted = client.send(request, limit);
    Grant grant = wanted.grant();
    Session session = new Session(wanted.supply(), grant.subject(), grant.claims());
    return answers
        .judge(posted, endpoint, wanted, sent, deadline)
        .map(end -> known.judged(session, end));
  }

  @Override
  public void reread() {
    // There is no file with a secret.
  }

  private static byte[] form(Wanted wanted) {
    AwsRole session = wanted.terms(AwsRole.class);
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
