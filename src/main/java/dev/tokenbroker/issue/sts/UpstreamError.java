package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.peers.http.CallEnd;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A response of another status than 200 (RFC 6749 section 5.2, RFC 8693 section 2.2.2), classified
 * by its status and its {@code error} alone.
 *
 * @param status the HTTP status
 * @param page whether it is a web page, so that no token endpoint has judged the request
 * @param code {@code error} if it is a registered one, otherwise empty
 * @param told the part of {@code error} that may be shown; only the digest of an unknown code,
 *     which may be anything, also a piece of a token
 * @param digest the digest of the body, so that operators can compare two
 */
record UpstreamError(int status, boolean page, String code, String told, String digest) {

  /**
   * The codes that the specifications define for servers: RFC 6749 sections 4.1.2.1 and 5.2, RFC
   * 6750 section 3.1, RFC 7009 section 2.2.1, RFC 8628 section 3.5, RFC 8707 section 2, RFC 9396
   * section 5, RFC 9449 sections 5 and 8, RFC 9470 section 3, OpenID Connect Core section 3.1.2.6,
   * Unmet Authentication Requirements 1.0.
   */
  private static final Set<String> REGISTERED =
      Set.of(
          """
          invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type
          unsupported_response_type invalid_scope access_denied server_error temporarily_unavailable
          invalid_token insufficient_scope unsupported_token_type authorization_pending slow_down
          expired_token invalid_target invalid_authorization_details invalid_dpop_proof
          use_dpop_nonce insufficient_user_authentication interaction_required login_required
          account_selection_required consent_required unmet_authentication_requirements\
          """
              .split("\\s+", -1));

  /** Statuses after which the same request may succeed; the others say that it will not. */
  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

  /** Statuses before any work on the request, so that it has used nothing up. */
  private static final Set<Integer> UNTOUCHED = Set.of(408, 429, 503);

  static UpstreamError of(CallEnd.Response response) {
    byte[] body = response.body();
    String digest = body.length == 0 ? "empty or unread" : Sha256.name(body);
    String error = error(body);
    boolean registered = REGISTERED.contains(error);
    return new UpstreamError(
        response.status(),
        error.isEmpty() && response.isPage(),
        registered ? error : "",
        told(error, registered),
        digest);
  }

  /** Why the upstream does not issue a token to a request with that presentation. */
  RefusalReason reason(StsKind upstream, Presentation presentation) {
    if (status == 429) {
      return RefusalReason.UPSTREAM_THROTTLED;
    }
    if (status >= 500 || status == 408) {
      return RefusalReason.UPSTREAM_UNAVAILABLE;
    }
    // The endpoint may have moved, or a firewall in front of it answers: such a response says
    // nothing about the request.
    if (status < 400 || page || (suggestsMove(status) && code.isEmpty())) {
      return RefusalReason.UPSTREAM_ANSWER_MALFORMED;
    }
    return switch (code) {
      case "invalid_grant", "invalid_token" -> ofGrant(upstream, presentation);
      case "invalid_client" -> ofClient(upstream, presentation);
      case "temporarily_unavailable", "server_error", "slow_down" ->
          RefusalReason.UPSTREAM_UNAVAILABLE;
      // Some servers use these for a client that did not authenticate; the status shows it.
      case "unauthorized_client", "access_denied", "insufficient_scope" ->
          status == 401 ? ofClient(upstream, presentation) : RefusalReason.UPSTREAM_NOT_PERMITTED;
      default ->
          switch (status) {
            case 401 -> ofClient(upstream, presentation);
            case 403 -> RefusalReason.UPSTREAM_NOT_PERMITTED;
            default -> RefusalReason.UPSTREAM_REQUEST_REFUSED;
          };
    };
  }

  /**
   * Whether the same request may be sent again.
   *
   * @param singleUse whether the upstream may accept the credential only once
   */
  boolean isRetryable(boolean singleUse) {
    return (singleUse ? UNTOUCHED : PASSING).contains(status);
  }

  /** Whether the endpoint may have moved. */
  static boolean suggestsMove(int status) {
    return status == 404 || status == 405 || status == 410 || (status >= 300 && status < 400);
  }

  /** The refusal to show for it. */
  Refusal refusal(StsKind upstream, Presentation presentation) {
    RefusalReason reason = reason(upstream, presentation);
    Refusal refusal =
        Refusal.of(reason)
            .seen(
                "status " + status + (page ? ", a web page, " : ", ") + told + ", body " + digest);
    String hint = hint(upstream);
    return hint == null ? refusal : refusal.hint(hint);
  }

  /** The second meaning of a code that servers use for two things; null for other codes. */
  private @Nullable String hint(StsKind upstream) {
    if (upstream.grant() != UpstreamGrant.TOKEN_EXCHANGE || status != 400) {
      return null;
    }
    return switch (code) {
      case "invalid_request" ->
          "invalid_request is also what an upstream answers to a subject token that it does not"
              + " accept (RFC 8693 section 2.2.2)";
      // Most servers use 401 for a client that failed to authenticate (RFC 6749 section 5.2).
      case "invalid_client" ->
          "some upstreams answer invalid_client with status 400 to an audience that they do not"
              + " know or have disabled";
      default -> null;
    };
  }

  private static RefusalReason ofGrant(StsKind upstream, Presentation presentation) {
    // A request without anything of the identity: the upstream refused the broker.
    return upstream.presentsIdentity()
        ? ofIdentity(presentation)
        : RefusalReason.UPSTREAM_CLIENT_REFUSED;
  }

  private static RefusalReason ofClient(StsKind upstream, Presentation presentation) {
    return upstream.isFederated()
        ? ofIdentity(presentation)
        : RefusalReason.UPSTREAM_CLIENT_REFUSED;
  }

  private static RefusalReason ofIdentity(Presentation presentation) {
    return switch (presentation) {
      case Presentation.Credential _ -> RefusalReason.UPSTREAM_CREDENTIAL_REFUSED;
      case Presentation.Nothing _ -> RefusalReason.UPSTREAM_CLIENT_REFUSED;
      // Another credential would not help the caller: the upstream does not know what we vouch for.
      case Presentation.Minted _ -> RefusalReason.UPSTREAM_ASSERTION_REFUSED;
    };
  }

  private static String error(byte[] body) {
    return PeerJson.object(body) instanceof Outcome.Accepted<Map<String, Object>>(var members)
            && members.get("error") instanceof String error
        ? error
        : "";
  }

  private static String told(String error, boolean registered) {
    if (error.isEmpty()) {
      return "without error";
    }
    return registered
        ? "error " + error
        : "another error (" + Sha256.name(error.getBytes(StandardCharsets.UTF_8)) + ")";
  }
}
