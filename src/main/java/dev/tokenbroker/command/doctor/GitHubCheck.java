package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.github.AppKeyFile;
import dev.tokenbroker.issue.sts.ClientAuthentication.GitHubApp;
import dev.tokenbroker.peers.http.CallEnd.Response;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.ProbeClient;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks GitHub about each App by a JWT of its key. Nothing is issued. */
final class GitHubCheck {

  private final ProbeClient probes;
  private final InstantSource clock;
  private final CheckList checks;

  GitHubCheck(ProbeClient probes, InstantSource clock, CheckList checks) {
    this.probes = probes;
    this.clock = clock;
    this.checks = checks;
  }

  void check(URI base, @Nullable String tls, GitHubApp app) {
    Optional<String> jwt = jwt(app);
    if (jwt.isEmpty()) {
      checks.skipped(DoctorCheck.TOKEN_ENDPOINT, "App " + app.id() + " has no usable key");
      return;
    }
    URI uri = URI.create(base.toString().replaceFirst("/$", "") + "/app");
    Map<String, String> headers = Map.of("Authorization", "Bearer " + jwt.get());
    switch (probes.get(uri, tls, headers, Deadline.after(HostChecks.LIMIT))) {
      case CallFailed(FetchFailure kind, String detail, var _, var _) ->
          checks.found(
              DoctorCheck.TOKEN_ENDPOINT,
              PeerSide.UPSTREAM.of(kind),
              uri + ": " + detail,
              new DocumentFetch(probes, PeerSide.UPSTREAM, checks, tls).remedy(uri, kind));
      case Response answer -> judge(answer, uri, app.id());
    }
  }

  private void judge(Response answer, URI uri, String app) {
    int status = answer.status();
    String seen = uri + " answers " + status + " to App " + app + DocumentFetch.words(answer);
    if (status == 200 && !DocumentFetch.isPage(answer)) {
      checks.passed(DoctorCheck.TOKEN_ENDPOINT, uri + " knows App " + app);
    } else if (status == 401) {
      checks.refused(
          DoctorCheck.TOKEN_ENDPOINT,
          RefusalReason.UPSTREAM_CLIENT_REFUSED.name(),
          seen,
          "Compare 'app' and 'keyFile' with the App's id and its keys, and the clocks.");
    } else {
      boolean trouble = status >= 500 || status == 429;
      checks.found(
          DoctorCheck.TOKEN_ENDPOINT,
          trouble ? PeerSide.UPSTREAM.inTrouble(status) : Defect.UPSTREAM_ANSWER_MALFORMED,
          seen,
          trouble ? "Run doctor again." : "Correct 'baseUrl': it is not the REST API of GitHub.");
    }
  }

  private Optional<String> jwt(GitHubApp app) {
    try {
      return AppKeyFile.jwt(
          BoundedFile.read(app.keyFile(), AppKeyFile.MAX_BYTES), app.id(), clock.instant());
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
