package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The single calls for a review at one API server: each posts one TokenReview ({@code
 * authentication.k8s.io/v1}) and judges the response. Only a response that says yes, for one of the
 * audiences, accepts. Immutable.
 *
 * @param location the cluster
 * @param server its API server
 * @param posts sends the request
 */
record ReviewCalls(KeyLocation location, URI server, ReviewPost posts) {

  private static final String API = "authentication.k8s.io/v1";
  private static final String KIND = "TokenReview";
  private static final String EXPECTED = "an API server that still accepts the credential";

  private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);

  /** Posts a request; hides the network. */
  @FunctionalInterface
  interface ReviewPost {

    /** Waits for the response, at most until the limit. */
    CallEnd post(PeerRequest request, Deadline limit);
  }

  /**
   * Makes one call.
   *
   * @param limit when it must have ended
   */
  Attempted<Outcome<String>> make(
      String credential, Set<String> audiences, BearerToken bearer, Deadline limit) {
    PeerRequest request =
        PeerRequest.json(
                url(), null, body(credential, audiences), Map.of("Authorization", bearer.header()))
            .withTls(location.trusted())
            .withPeer(Peer.issuer(location.issuer(), location.place()));
    CallEnd posted = posts.post(request, limit);
    Attempted<Outcome<String>> judged =
        switch (posted) {
          case CallFailed why -> failed(why.detail(), isRetryable(why.kind()), why.retryAfter());
          case CallEnd.Response response -> judge(response, audiences);
        };
    return judged.map(
        end ->
            end.mapRefusal(why -> why.noted(AnswerText.notes("The API server", posted.words()))));
  }

  private URI url() {
    return KeyAccess.below(server, "/apis/" + API + "/tokenreviews");
  }

  private static byte[] body(String credential, Set<String> audiences) {
    return JsonBytes.of(
        Map.of(
            "apiVersion",
            API,
            "kind",
            KIND,
            "spec",
            Map.of("token", credential, "audiences", List.copyOf(new TreeSet<>(audiences)))));
  }

  private static boolean isRetryable(FetchFailure kind) {
    return kind == FetchFailure.UNREACHABLE || kind == FetchFailure.TLS_FAILED;
  }

  private Attempted<Outcome<String>> judge(CallEnd.Response response, Set<String> audiences) {
    return switch (response.status()) {
      case 200, 201 -> answer(response, audiences);
      case 401, 403 ->
          new Attempted.Done<>(
              Outcome.refused(
                  Refusal.of(RefusalReason.ISSUER_ACCESS_REFUSED)
                      .expected("a token of the broker that may create a TokenReview")
                      .seen(answered(response))));
      default ->
          failed(
              answered(response),
              PASSING.contains(response.status()),
              response.times().retryAfter());
    };
  }

  private Attempted<Outcome<String>> answer(CallEnd.Response response, Set<String> audiences) {
    return switch (PeerJson.object(response.body())) {
      case Outcome.Refused<Map<String, Object>>(Refusal why) ->
          failed(answered(response) + ": " + why.seen(), false, null);
      case Outcome.Accepted<Map<String, Object>>(Map<String, Object> review) ->
          KIND.equals(review.get("kind")) && review.get("status") instanceof Map<?, ?> status
              ? new Attempted.Done<>(decided(status, audiences))
              : failed(answered(response) + " and no TokenReview with a status", false, null);
    };
  }

  private Outcome<String> decided(Map<?, ?> status, Set<String> audiences) {
    // Kubernetes leaves the member out where it is false.
    if (!Boolean.TRUE.equals(status.get("authenticated"))) {
      return Outcome.refused(refusal("authenticated: false"));
    }
    return status.get("audiences") instanceof List<?> good
            && good.stream().anyMatch(audiences::contains)
        ? Outcome.accepted("accepted by " + server)
        : Outcome.refused(refusal("accepted, but for none of the audiences"));
  }

  private Refusal refusal(String seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_REFUSED_BY_ISSUER)
        .expected(EXPECTED + ", for one of its audiences")
        .seen(seen);
  }

  private static String answered(CallEnd.Response response) {
    return "answered with status " + response.status();
  }

  private static Attempted<Outcome<String>> failed(
      String seen, boolean retryable, @Nullable Duration retryAfter) {
    return new Attempted.AttemptFailed<>(
        Outcome.refused(
            Refusal.of(RefusalReason.TOKEN_REVIEW_UNAVAILABLE).expected(EXPECTED).seen(seen)),
        retryable,
        retryAfter);
  }
}
