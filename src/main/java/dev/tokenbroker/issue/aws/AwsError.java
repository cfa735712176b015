package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.http.CallEnd;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** The errors of the STS, by their codes: the reason of each, and what to do about it. */
enum AwsError {
  INVALID_IDENTITY_TOKEN(
      "InvalidIdentityToken",
      RefusalReason.UPSTREAM_ASSERTION_REFUSED,
      "AWS must know the broker's issuer as an IAM OIDC provider with the audience of the JWT,"
          + " fetch its discovery document and keys over public https, and be no more than a minute"
          + " behind the broker's clock; it takes ES256 and RS256"),
  IDP_REJECTED_CLAIM(
      "IDPRejectedClaim",
      RefusalReason.UPSTREAM_ASSERTION_REFUSED,
      "compare iss, aud and sub of the JWT with the IAM OIDC provider"),
  EXPIRED_TOKEN(
      "ExpiredTokenException",
      RefusalReason.UPSTREAM_ASSERTION_REFUSED,
      "compare the broker's clock with that of AWS: the JWT was new and lives for a minute"),
  ACCESS_DENIED(
      "AccessDenied",
      RefusalReason.UPSTREAM_NOT_PERMITTED,
      "compare aud and sub of the JWT with the conditions of the role's trust policy, which needs"
          + " sts:AssumeRoleWithWebIdentity, and sts:TagSession for tags"),
  IDP_COMMUNICATION_ERROR(
      "IDPCommunicationError",
      RefusalReason.UPSTREAM_UNAVAILABLE,
      "AWS did not reach the broker's discovery document or its keys in time"),
  PACKED_POLICY_TOO_LARGE(
      "PackedPolicyTooLarge",
      RefusalReason.UPSTREAM_REQUEST_REFUSED,
      "shorten 'policy' of the target, or the session tags: AWS packs both into one limit"),
  MALFORMED_POLICY(
      "MalformedPolicyDocument",
      RefusalReason.UPSTREAM_REQUEST_REFUSED,
      "correct 'policy' of the target: it is no policy for AWS"),
  REGION_DISABLED(
      "RegionDisabledException",
      RefusalReason.UPSTREAM_REQUEST_REFUSED,
      "enable STS in this region in the account of the role, or name another region"),
  VALIDATION_ERROR(
      "ValidationError",
      RefusalReason.UPSTREAM_REQUEST_REFUSED,
      "correct the value that AWS names; 'duration' may not exceed the role's maximum");

  private static final Pattern THROTTLED = Pattern.compile("Throttling.*|RequestLimitExceeded");

  private final String code;
  private final RefusalReason reason;
  private final String remedy;

  AwsError(String code, RefusalReason reason, String remedy) {
    this.code = code;
    this.reason = reason;
    this.remedy = remedy;
  }

  /** The refusal for a response of another status than 200. */
  static Refusal refusal(CallEnd.Response response) {
    String code = response.isPage() ? "" : StsXml.error(response.body());
    Optional<AwsError> known =
        Arrays.stream(values()).filter(error -> error.code.equals(code)).findFirst();
    Refusal refusal =
        Refusal.of(known.map(error -> error.reason).orElseGet(() -> other(response, code)))
            .seen(
                "status "
                    + response.status()
                    + ", "
                    + known
                        .map(error -> "error " + code)
                        .orElse(
                            code.isEmpty() ? "without an error of AWS" : "another error of AWS"));
    return known.map(error -> refusal.hint(error.remedy)).orElse(refusal);
  }

  private static RefusalReason other(CallEnd.Response response, String code) {
    int status = response.status();
    if (status == 429 || THROTTLED.matcher(code).matches()) {
      return RefusalReason.UPSTREAM_THROTTLED;
    }
    if (status >= 500 || status == 408) {
      return RefusalReason.UPSTREAM_UNAVAILABLE;
    }
    if (code.isEmpty()) {
      return RefusalReason.UPSTREAM_ANSWER_MALFORMED; // the STS itself always names an error
    }
    return status == 403
        ? RefusalReason.UPSTREAM_NOT_PERMITTED
        : RefusalReason.UPSTREAM_REQUEST_REFUSED;
  }
}
