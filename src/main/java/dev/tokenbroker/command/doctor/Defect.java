package dev.tokenbroker.command.doctor;

import static dev.tokenbroker.command.doctor.CheckResult.FAILED;
import static dev.tokenbroker.command.doctor.CheckResult.WARNING;

/**
 * A defect that a check can find. Names are stable codes. Where the broker refuses requests because
 * of the same defect, the code is that of its refusal reason.
 */
public enum Defect {
  PROXY_IGNORED(DoctorCheck.PROXY_VARIABLES, WARNING),
  DOCUMENT_PROBLEM(DoctorCheck.DOCUMENT_PROBLEMS, FAILED),
  DOCUMENT_WARNING(DoctorCheck.DOCUMENT_WARNINGS, WARNING),
  CASE_FAILED(DoctorCheck.DOCUMENT_CASES, FAILED),
  HOST_UNRESOLVED(DoctorCheck.HOST_NAME, FAILED, true),
  HOST_LOOKUP_TIMED_OUT(DoctorCheck.HOST_NAME, FAILED, true),
  ISSUER_ADDRESS_REFUSED(DoctorCheck.HOST_ADDRESS, FAILED),
  UPSTREAM_ADDRESS_REFUSED(DoctorCheck.HOST_ADDRESS, FAILED),
  CONNECTION_REFUSED(DoctorCheck.HOST_CONNECTION, FAILED, true),
  CONNECTION_TIMED_OUT(DoctorCheck.HOST_CONNECTION, FAILED, true),
  CONNECTION_FAILED(DoctorCheck.HOST_CONNECTION, FAILED, true),
  ADDRESS_UNREACHABLE(DoctorCheck.HOST_CONNECTION, WARNING),
  TLS_CONFIGURATION_MISSING(DoctorCheck.HOST_TLS, FAILED),
  TLS_PLAIN_HTTP(DoctorCheck.HOST_TLS, FAILED),
  TLS_PROTOCOL_TOO_OLD(DoctorCheck.HOST_TLS, FAILED),
  ISSUER_CLIENT_CERTIFICATE_WANTED(DoctorCheck.HOST_TLS, FAILED),
  UPSTREAM_CLIENT_CERTIFICATE_WANTED(DoctorCheck.HOST_TLS, FAILED),
  TLS_CERTIFICATE_EXPIRED(DoctorCheck.HOST_TLS, FAILED),
  TLS_CERTIFICATE_NOT_YET_VALID(DoctorCheck.HOST_TLS, FAILED),
  TLS_HOST_NAME_MISMATCH(DoctorCheck.HOST_TLS, FAILED),
  ISSUER_CERTIFICATE_INVALID(DoctorCheck.HOST_TLS, FAILED),
  UPSTREAM_CERTIFICATE_INVALID(DoctorCheck.HOST_TLS, FAILED),
  ISSUER_TLS_UNTRUSTED(DoctorCheck.HOST_TLS, FAILED),
  UPSTREAM_TLS_UNTRUSTED(DoctorCheck.HOST_TLS, FAILED),
  ISSUER_TLS_FAILED(DoctorCheck.HOST_TLS, FAILED, true),
  UPSTREAM_TLS_FAILED(DoctorCheck.HOST_TLS, FAILED, true),
  TLS_CERTIFICATE_ENDS_SOON(DoctorCheck.HOST_TLS, WARNING),
  REDIRECT_FOLLOWED(DoctorCheck.DISCOVERY, WARNING),
  CONTENT_TYPE_UNUSUAL(DoctorCheck.DISCOVERY, WARNING),
  DISCOVERY_AT_OTHER_PATH(DoctorCheck.DISCOVERY, FAILED),
  KEYS_UNREACHABLE(DoctorCheck.KEY_SET, FAILED, true),
  KEYS_INVALID(DoctorCheck.KEY_SET, FAILED),
  DISCOVERY_ISSUER_MISMATCH(DoctorCheck.ISSUER_NAME, FAILED),
  UPSTREAM_ISSUER_MISMATCH(DoctorCheck.ISSUER_NAME, FAILED),
  ALGORITHM_NOT_ALLOWED(DoctorCheck.KEYS, FAILED),
  PRIVATE_KEY_PUBLISHED(DoctorCheck.KEYS, FAILED),
  KEY_UNUSABLE(DoctorCheck.KEYS, WARNING),
  KEY_NAME_DUPLICATE(DoctorCheck.KEYS, WARNING),
  KEY_SET_OLD(DoctorCheck.KEY_CACHING, WARNING),
  CLOCK_OFFSET(DoctorCheck.CLOCK, WARNING),
  CLOCK_OFFSET_BEYOND_LEEWAY(DoctorCheck.CLOCK, FAILED),
  CLIENT_SECRET_UNUSABLE(DoctorCheck.CLIENT_SECRET, FAILED),
  UPSTREAM_UNREACHABLE(DoctorCheck.TOKEN_ENDPOINT, FAILED, true),
  UPSTREAM_UNAVAILABLE(DoctorCheck.TOKEN_ENDPOINT, FAILED, true),
  UPSTREAM_THROTTLED(DoctorCheck.TOKEN_ENDPOINT, FAILED, true),
  UPSTREAM_ANSWER_MALFORMED(DoctorCheck.TOKEN_ENDPOINT, FAILED),
  UNKNOWN_GRANT_ACCEPTED(DoctorCheck.TOKEN_ENDPOINT, FAILED),
  BROKER_UNREACHABLE(DoctorCheck.BROKER_CONNECTION, FAILED, true),
  BROKER_NOT_ONE(DoctorCheck.BROKER_CONNECTION, FAILED),
  BROKER_NOT_SERVING(DoctorCheck.BROKER_HEALTH, FAILED, true),
  REFLECTION_ON(DoctorCheck.BROKER_REFLECTION, WARNING),
  METADATA_UNREACHABLE(DoctorCheck.BROKER_METADATA, FAILED, true),
  METADATA_INVALID(DoctorCheck.BROKER_METADATA, FAILED),
  SIGNING_KEY_UNAVAILABLE(DoctorCheck.BROKER_KEYS, FAILED, true),
  KEY_NAME_NOT_THUMBPRINT(DoctorCheck.BROKER_KEYS, FAILED),
  EXPLANATION_FAILED(DoctorCheck.CREDENTIAL_ACCEPTED, FAILED),
  EXCHANGE_FAILED(DoctorCheck.TOKEN_ISSUED, FAILED),
  REVOCATION_FAILED(DoctorCheck.TOKEN_REVOKED, FAILED);

  private final DoctorCheck check;
  private final CheckResult result;
  private final boolean passing;

  Defect(DoctorCheck check, CheckResult result) {
    this(check, result, false);
  }

  Defect(DoctorCheck check, CheckResult result, boolean passing) {
    this.check = check;
    this.result = result;
    this.passing = passing;
  }

  /** The check whose section describes the defect. */
  public DoctorCheck check() {
    return check;
  }

  /** {@code FAILED} or {@code WARNING}. */
  public CheckResult result() {
    return result;
  }

  /** Whether the defect may pass while a network or a service starts, so that waiting helps. */
  public boolean mayPass() {
    return passing;
  }
}
