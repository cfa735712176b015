package dev.tokenbroker.command.doctor;

import dev.tokenbroker.peers.http.CallFailed.FetchFailure;

/** The side that a peer of the broker is on, which decides the codes of its defects. */
enum PeerSide {
  ISSUER("issuer"),
  UPSTREAM("upstream");

  private final String noun;

  PeerSide(String noun) {
    this.noun = noun;
  }

  String noun() {
    return noun;
  }

  Defect addressRefused() {
    return this == ISSUER ? Defect.ISSUER_ADDRESS_REFUSED : Defect.UPSTREAM_ADDRESS_REFUSED;
  }

  Defect untrusted() {
    return this == ISSUER ? Defect.ISSUER_TLS_UNTRUSTED : Defect.UPSTREAM_TLS_UNTRUSTED;
  }

  Defect certificateInvalid() {
    return this == ISSUER ? Defect.ISSUER_CERTIFICATE_INVALID : Defect.UPSTREAM_CERTIFICATE_INVALID;
  }

  Defect clientCertificateWanted() {
    return this == ISSUER
        ? Defect.ISSUER_CLIENT_CERTIFICATE_WANTED
        : Defect.UPSTREAM_CLIENT_CERTIFICATE_WANTED;
  }

  Defect tlsFailed() {
    return this == ISSUER ? Defect.ISSUER_TLS_FAILED : Defect.UPSTREAM_TLS_FAILED;
  }

  Defect issuerMismatch() {
    return this == ISSUER ? Defect.DISCOVERY_ISSUER_MISMATCH : Defect.UPSTREAM_ISSUER_MISMATCH;
  }

  /** Something else came than what the broker can use. */
  Defect malformed() {
    return this == ISSUER ? Defect.KEYS_INVALID : Defect.UPSTREAM_ANSWER_MALFORMED;
  }

  /** A status that reports trouble of the peer: 5xx or 429. */
  Defect inTrouble(int status) {
    if (this == ISSUER) {
      return Defect.KEYS_UNREACHABLE;
    }
    return status == 429 ? Defect.UPSTREAM_THROTTLED : Defect.UPSTREAM_UNAVAILABLE;
  }

  /** No complete response came. */
  Defect of(FetchFailure kind) {
    return switch (kind) {
      case UNREACHABLE, PROXY_FAILED, TIMED_OUT, SERVER_ERROR, OVERLOADED ->
          this == ISSUER ? Defect.KEYS_UNREACHABLE : Defect.UPSTREAM_UNREACHABLE;
      case TLS_UNTRUSTED -> untrusted();
      case TLS_CERTIFICATE_INVALID -> certificateInvalid();
      case TLS_CLIENT_CERTIFICATE_WANTED -> clientCertificateWanted();
      case TLS_FAILED -> tlsFailed();
      case TLS_NOT_CONFIGURED -> Defect.TLS_CONFIGURATION_MISSING;
      case ADDRESS_REFUSED -> addressRefused();
      case REDIRECTED, ACCESS_REFUSED, BAD_STATUS, TOO_LARGE, MALFORMED -> malformed();
    };
  }
}
