package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.sts.UpstreamKind.TrialRequest;
import dev.tokenbroker.issue.sts.UpstreamKind.TrialRequest.Introduction;
import dev.tokenbroker.issue.sts.UpstreamKind.TrialRequest.Unfulfillable;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallEnd.Response;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.http.ProbeClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the {@linkplain TrialRequest trial requests} of one upstream. */
final class TrialChecks {

  private final ProbeClient probes;
  private final CheckList checks;
  private final @Nullable String tls;
  private final DocumentFetch fetch;

  /**
   * @param tls the name of the TLS configuration; null for the default one
   */
  TrialChecks(ProbeClient probes, CheckList checks, @Nullable String tls) {
    this.probes = probes;
    this.checks = checks;
    this.tls = tls;
    this.fetch = new DocumentFetch(probes, PeerSide.UPSTREAM, checks, tls);
  }

  void make(TrialRequest trial, URI endpoint) {
    Deadline limit = Deadline.after(HostChecks.LIMIT);
    switch (trial) {
      case Unfulfillable(String form, Function<Response, String> error) ->
          response(
                  probes.send(
                      PeerRequest.form(
                          endpoint, tls, form.getBytes(StandardCharsets.US_ASCII), Map.of()),
                      limit),
                  endpoint)
              .ifPresent(answer -> judge(answer, endpoint, error.apply(answer)));
      case Introduction(String client, var _, String jwt, var _, var _) when jwt == null ->
          checks.skipped(DoctorCheck.TOKEN_ENDPOINT, client + " has no usable key");
      case Introduction known -> {
        BearerToken bearer = new BearerToken(Objects.requireNonNull(known.jwt()));
        PeerRequest request = PeerRequest.document(known.uri(), tls).withBearer(bearer);
        response(probes.send(request, limit), known.uri())
            .ifPresent(answer -> judge(answer, known));
      }
    }
  }

  /** The response; empty if there is none, which is reported. */
  private Optional<Response> response(CallEnd end, URI uri) {
    return switch (end) {
      case Response answer -> Optional.of(answer);
      case CallFailed(FetchFailure kind, String detail, var _, var _) -> {
        checks.found(
            DoctorCheck.TOKEN_ENDPOINT,
            PeerSide.UPSTREAM.of(kind),
            uri + ": " + detail,
            fetch.remedy(uri, kind));
        yield Optional.empty();
      }
    };
  }

  private void judge(Response answer, Introduction trial) {
    int status = answer.status();
    URI uri = trial.uri();
    String client = trial.client();
    String seen = uri + " answers " + status + " to " + client + DocumentFetch.words(answer);
    if (status == 200 && !DocumentFetch.isPage(answer)) {
      checks.passed(DoctorCheck.TOKEN_ENDPOINT, uri + " knows " + client);
    } else if (status == 401) {
      checks.refused(
          DoctorCheck.TOKEN_ENDPOINT,
          RefusalReason.UPSTREAM_CLIENT_REFUSED.name(),
          seen,
          trial.unknown());
    } else {
      boolean trouble = status >= 500 || status == 429;
      checks.found(
          DoctorCheck.TOKEN_ENDPOINT,
          trouble ? PeerSide.UPSTREAM.inTrouble(status) : Defect.UPSTREAM_ANSWER_MALFORMED,
          seen,
          trouble ? "Run doctor again." : trial.elsewhere());
    }
  }

  private void judge(Response answer, URI endpoint, String error) {
    int status = answer.status();
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
          fetch.later(answer));
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
}
