package dev.tokenbroker.outbound;

/** Why a document could not be fetched: one constant for each thing to be done about it. */
public enum FetchFailure {
  /** No such host, connection refused, or lost before the answer was whole. */
  UNREACHABLE,
  /** Not done within the time allowed. */
  TIMED_OUT,
  /** The certificate is not trusted, has expired or is for another host. */
  TLS_UNTRUSTED,
  /** No TLS connection came about for another reason than the certificate. */
  TLS_FAILED,
  /** The TLS configuration is not there, or trusts everybody. */
  TLS_NOT_CONFIGURED,
  /** The scheme or the address is one that is not called. */
  ADDRESS_REFUSED,
  /** Sent on to another host, or too often. */
  REDIRECTED,
  /** A status that says the peer is in trouble: 5xx or 429. */
  SERVER_ERROR,
  /** Any other status but 200. */
  BAD_STATUS,
  /** More than {@value UpstreamClient#MAX_BODY_BYTES} bytes. */
  TOO_LARGE,
  /** No proper HTTP/1.1, headers too large, or an encoding that was not asked for. */
  MALFORMED,
  /** Too many fetches are under way: the fault of this process, not of the peer. */
  OVERLOADED
}
