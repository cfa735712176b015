package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome.Accepted;
import dev.tokenbroker.issue.aws.AwsKind;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.peers.http.CallEnd.Response;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.ProbeClient;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends one token request that no server can fulfil: an unknown grant, without client
 * authentication. An OAuth error (RFC 6749 section 5.2) proves that a token endpoint answers, and
 * nothing is issued or used up. To the STS of AWS it sends a request without parameters, which ends
 * with an error of AWS.
 */
final class TokenEndpointCheck {

  private static final String FORM = "grant_type=urn%3Atoken-broker%3Adoctor";

  private static final String AWS_FORM = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";

  private final ProbeClient probes;
  private final CheckList checks;
  private final boolean aws;

  TokenEndpointCheck(ProbeClient probes, CheckList checks, UpstreamGrant grant) {
    this.probes = probes;
    this.checks = checks;
    this.aws = grant == UpstreamGrant.AWS;
  }

  void check(URI endpoint, @Nullable String tls) {
    switch (probes.post(endpoint, tls, aws ? AWS_FORM : FORM, Deadline.after(HostChecks.LIMIT))) {
      case CallFailed(FetchFailure kind, String detail, var _, var _) ->
          checks.found(
              DoctorCheck.TOKEN_ENDPOINT,
              PeerSide.UPSTREAM.of(kind),
              endpoint + ": " + detail,
              new DocumentFetch(probes, PeerSide.UPSTREAM, checks, tls).remedy(endpoint, kind));
      case Response answer -> judge(answer, endpoint, tls);
    }
  }

  private void judge(Response answer, URI endpoint, @Nullable String tls) {
    int status = answer.status();
    String error = aws ? AwsKind.error(answer.body()) : error(answer);
    String seen = endpoint + " answers " + status;
    String words = DocumentFetch.words(answer);
    if ((status == 400 || status == 401) && !error.isEmpty()) {
      checks.passed(DoctorCheck.TOKEN_ENDPOINT, seen + " " + error);
    } else if (status == 200 && !DocumentFetch.isPage(answer)) {
      checks.found(
          Defect.UNKNOWN_GRANT_ACCEPTED,
          seen + " to an unknown grant type without a client",
          "Give the token endpoint of the upstream: a token endpoint refuses such a request.");
    } else if (status >= 500 || status == 429) {
      checks.found(
          DoctorCheck.TOKEN_ENDPOINT,
          PeerSide.UPSTREAM.inTrouble(status),
          seen + DocumentFetch.waiting(answer) + words,
          new DocumentFetch(probes, PeerSide.UPSTREAM, checks, tls).later(answer));
    } else {
      checks.found(
          DoctorCheck.TOKEN_ENDPOINT,
          Defect.UPSTREAM_ANSWER_MALFORMED,
          seen + ending(answer, error) + words,
          remedy(answer));
    }
  }

  private static String ending(Response answer, String error) {
    if (answer.location() != null) {
      return " to " + answer.location();
    }
    if (DocumentFetch.isPage(answer)) {
      return " with a web page (" + DocumentFetch.type(answer) + ")";
    }
    return error.isEmpty()
        ? " without an OAuth error (" + DocumentFetch.type(answer) + ")"
        : " with the error " + error + "; OAuth demands 400 or 401";
  }

  private static String remedy(Response answer) {
    if (answer.location() != null) {
      return "Use the token endpoint itself: the broker sends no token request after a redirect.";
    }
    return switch (answer.status()) {
      case 404, 410 -> "Correct the path of the token endpoint: nothing is served there.";
      case 405 -> "Correct the path of the token endpoint: the resource there takes no POST.";
      default ->
          DocumentFetch.isPage(answer)
              ? "Exempt that URL from the login page or filter that answers in place of the"
                  + " upstream."
              : "Compare the URL with the token endpoint that the upstream documents.";
    };
  }

  private static String error(Response answer) {
    return PeerJson.object(answer.body())
                instanceof Accepted<Map<String, Object>>(Map<String, Object> members)
            && members.get("error") instanceof String error
        ? error
        : "";
  }
}
