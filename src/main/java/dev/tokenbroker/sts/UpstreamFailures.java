package dev.tokenbroker.sts;

import dev.tokenbroker.outbound.FetchFailure;
import dev.tokenbroker.outcome.RefusalReason;

/** Tells, in the words of our own taxonomy, why no answer of an upstream was had. */
final class UpstreamFailures {

  private UpstreamFailures() {}

  static RefusalReason reason(FetchFailure kind) {
    return switch (kind) {
      case UNREACHABLE, TLS_FAILED -> RefusalReason.UPSTREAM_UNREACHABLE;
      case TIMED_OUT -> RefusalReason.UPSTREAM_TIMED_OUT;
      case TLS_UNTRUSTED, TLS_NOT_CONFIGURED -> RefusalReason.UPSTREAM_TLS_UNTRUSTED;
      case ADDRESS_REFUSED -> RefusalReason.UPSTREAM_ADDRESS_REFUSED;
      case SERVER_ERROR -> RefusalReason.UPSTREAM_UNAVAILABLE;
      case REDIRECTED, BAD_STATUS, TOO_LARGE, MALFORMED -> RefusalReason.UPSTREAM_ANSWER_MALFORMED;
      case OVERLOADED -> RefusalReason.UPSTREAM_BUSY;
    };
  }

  /**
   * Whether the same request may be sent again where no answer came.
   *
   * @param singleUse whether the upstream may take the credential for one use only: then a request
   *     whose answer was lost may have used it up, and nothing says whether it was sent at all
   */
  static boolean isRetryable(FetchFailure kind, boolean singleUse) {
    return switch (kind) {
      case UNREACHABLE, TLS_FAILED -> !singleUse;
      // Who is silent for seconds is not helped by being asked again, and callers wait.
      case TIMED_OUT,
          TLS_UNTRUSTED,
          TLS_NOT_CONFIGURED,
          ADDRESS_REFUSED,
          REDIRECTED,
          SERVER_ERROR,
          BAD_STATUS,
          TOO_LARGE,
          MALFORMED,
          OVERLOADED ->
          false;
    };
  }
}
