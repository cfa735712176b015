package dev.tokenbroker.outbound;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.net.ConnectException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Classifies the failures of the network library, by type alone. */
public final class FailureKinds {

  /** Deep enough for every real chain of causes; also ends a circular one. */
  private static final int MAX_CAUSES = 16;

  private FailureKinds() {}

  /** The failure in terms of our own taxonomy. */
  public static CallFailed of(Throwable failure) {
    Throwable certificate = cause(failure, CertificateException.class);
    if (certificate != null) {
      return failed(FetchFailure.TLS_UNTRUSTED, certificate.getMessage());
    }
    if (cause(failure, CertPathValidatorException.class) != null
        || cause(failure, SSLPeerUnverifiedException.class) != null) {
      return failed(FetchFailure.TLS_UNTRUSTED, "the certificate is not trusted");
    }
    if (cause(failure, SSLException.class) != null) {
      return failed(FetchFailure.TLS_FAILED, "no TLS connection could be made");
    }
    if (cause(failure, ConnectionPoolTooBusyException.class) != null) {
      return failed(FetchFailure.OVERLOADED, "the broker has too many fetches under way");
    }
    if (cause(failure, io.netty.channel.ConnectTimeoutException.class) != null
        || cause(failure, TimeoutException.class) != null) {
      return failed(FetchFailure.TIMED_OUT, "no connection in the time allowed");
    }
    if (cause(failure, ConnectException.class) != null) {
      return failed(FetchFailure.UNREACHABLE, "the connection was refused");
    }
    if (cause(failure, DecoderException.class) != null
        || cause(failure, IllegalArgumentException.class) != null) {
      return failed(FetchFailure.MALFORMED, "the answer is no proper HTTP/1.1");
    }
    return failed(FetchFailure.UNREACHABLE, "the connection was lost");
  }

  private static CallFailed failed(FetchFailure kind, @Nullable String detail) {
    return new CallFailed(kind, detail == null ? "" : detail);
  }

  private static @Nullable Throwable cause(Throwable failure, Class<? extends Throwable> type) {
    Throwable at = failure;
    for (int depth = 0; at != null && depth < MAX_CAUSES; depth++) {
      if (type.isInstance(at)) {
        return at;
      }
      at = at.getCause();
    }
    return null;
  }
}
