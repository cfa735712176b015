package dev.tokenbroker.peers.trust;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** A certificate for which only an authority vouches that has expired. */
final class ExpiredAuthority extends CertificateException {

  ExpiredAuthority(String detail, @Nullable Throwable cause) {
    super(detail, cause);
  }
}
