package dev.tokenbroker.peers.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call without a document, or without a complete response to a form. Whether the peer acted on
 * the form is unknown.
 *
 * @param detail a sentence without anything of the request or of the response body
 * @param retryAfter the {@code Retry-After} of the peer, at most an hour; null where absent
 * @param words what the response says about itself, for operators only; null without a response
 */
public record CallFailed(
    FetchFailure kind, String detail, @Nullable Duration retryAfter, @Nullable AnswerText words)
    implements CallEnd, HttpClients.NamedClient, HostResolver.Resolved, Redirect {

  public CallFailed(FetchFailure kind, String detail) {
    this(kind, detail, null, null);
  }

  /** Why a request to a peer failed: one constant for each remedy. */
  public enum FetchFailure {
    /** No such host, connection refused, or connection lost before the response was complete. */
    UNREACHABLE,
    /** The proxy of the settings refuses to connect, cannot be reached, or is no HTTP proxy. */
    PROXY_FAILED,
    /** The time allowed has passed. */
    TIMED_OUT,
    /** No trusted authority vouches for the certificate. */
    TLS_UNTRUSTED,
    /** The certificate is out of its time, for another host, or otherwise invalid. */
    TLS_CERTIFICATE_INVALID,
    /** The peer asked for a client certificate and ended the connection, since there is none. */
    TLS_CLIENT_CERTIFICATE_WANTED,
    /** No TLS connection could be made, for a reason other than the certificate. */
    TLS_FAILED,
    /** The TLS configuration does not exist, or trusts every certificate. */
    TLS_NOT_CONFIGURED,
    /** The scheme or the address must not be called. */
    ADDRESS_REFUSED,
    /** Redirected to another origin or to an unreadable URL, or redirected too often. */
    REDIRECTED,
    /** A status that reports trouble of the peer: 5xx or 429. */
    SERVER_ERROR,
    /** Status 401 or 403: the peer wants another token, or one where none was presented. */
    ACCESS_REFUSED,
    /** Any other status but 200. */
    BAD_STATUS,
    /** More than {@value PeerClient#MAX_BODY_BYTES} bytes. */
    TOO_LARGE,
    /** Invalid HTTP/1.1, headers too large, or an encoding that was not requested. */
    MALFORMED,
    /** Too many fetches are under way: the fault of this process, not of the peer. */
    OVERLOADED
  }
}
